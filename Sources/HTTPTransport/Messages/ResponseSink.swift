package import NIOCore

/// What became of a piece of a response's body.
package enum WriteOutcome: Sendable {
    /// Taken, and there is room for more.
    case ready
    /// Taken, but the buffer is over its high-water mark: wait with ``ResponseSink/whenWritable(_:)``.
    case full
    /// Thrown away: the peer or the stream is gone.
    case closed(TransportError)
}

/// How one exchange of a connection kind (an HTTP/2 stream, an HTTP/1 request in turn) takes the answer.
///
/// All functions are called **on ``eventLoop``**, in the order `send` or `start write* (finish | abort)`, or `abandon`
/// alone. ``ResponseWriter`` and ``ResponseBodyWriter`` keep that order and do the hop for callers elsewhere.
/// A sink whose client is gone ignores what comes.
package protocol ResponseSink: AnyObject, Sendable {
    /// The loop that owns the exchange.
    var eventLoop: any EventLoop { get }
    /// The whole answer. The sink sets `content-length` unless the status or method forbids it.
    func send(_ head: HTTPResponseHead, body: ByteBuffer?)
    /// The head of an answer whose body follows; flushed at once.
    func start(_ head: HTTPResponseHead)
    /// A piece of the body; flushed by the end of this tick of the loop.
    func write(_ buffer: ByteBuffer) -> WriteOutcome
    /// Calls `waiter` (on the loop) when the buffer is below its low-water mark or the stream is gone; at once if so now.
    func whenWritable(_ waiter: WriteWaiter)
    /// Drops a waiter whose task was cancelled.
    func cancelWait(_ waiter: WriteWaiter)
    /// The body is complete.
    func finish()
    /// The body can't be completed: RST_STREAM INTERNAL_ERROR, or the connection is closed.
    func abort()
    /// The writer was dropped unanswered: 500, and a line in the log.
    func abandon()
}

extension ResponseSink {
    /// All pieces, in their order; what became of the last.
    func write(_ pieces: [ByteBuffer]) -> WriteOutcome {
        var outcome = WriteOutcome.ready
        for piece in pieces { outcome = write(piece) }
        return outcome
    }
}
