package import Logging
package import NIOCore

/// What the server gives to each connection, whatever protocol it speaks.
///
/// After the handshake the server calls, on the connection's loop, `HTTP1Connection.install(on:context:peer:)` or
/// `HTTP2Connection.install(on:context:peer:)` (`(any Channel, ConnectionContext, PeerConnection) throws`), which adds the
/// kind's handlers to the end of the channel's pipeline by `syncOperations`. From then on the kind owns its timeouts and
/// answers to ``DrainEvent``.
package struct ConnectionContext: Sendable {
    /// Answers the requests.
    package let handler: any HTTPHandler
    /// Timeouts, sizes, rates.
    package let limits: ServerLimits
    /// Handlers' tasks run here: `Task.immediate(executorPreference: context.executor)`.
    package let executor: LoopExecutor
    /// The `Date` header's value of this second, one cache per loop.
    package let date: DateCache
    /// For lines about the connection.
    package let logger: Logger
    /// Counts.
    package let observer: any TransportObserver
    /// The loop's shared buffers; nil makes new ones.
    package let buffers: NIOLoopBound<LoopBuffers>?

    package init(
        handler: any HTTPHandler, limits: ServerLimits, executor: LoopExecutor, date: DateCache, logger: Logger,
        observer: any TransportObserver, buffers: NIOLoopBound<LoopBuffers>? = nil
    ) {
        self.buffers = buffers
        self.handler = handler
        self.limits = limits
        self.executor = executor
        self.date = date
        self.logger = logger
        self.observer = observer
    }
}

/// What the server tells its connections: fired into each pipeline as a user inbound event, on the connection's loop.
///
/// A graceful end is ``prepare``, then ``finish``; after ``prepare`` requests that arrive are still served.
package enum DrainEvent: Sendable, Hashable {
    /// HTTP/2: GOAWAY with 2^31-1. HTTP/1: `Connection: close` on answers from now on; an idle connection stays until
    /// ``finish``, since a request may be on its way.
    case prepare
    /// HTTP/2: GOAWAY with the last stream taken. Both: close when no request is in progress.
    case finish
    /// Cancel the handlers and close.
    case closeNow
}
