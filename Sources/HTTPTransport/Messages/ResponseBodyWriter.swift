public import NIOCore

/// The right to write the body of an answer whose head is sent. Dropped unfinished it aborts the stream.
public struct ResponseBodyWriter: ~Copyable, Sendable {
    private var sink: (any ResponseSink)?

    /// A writer into `sink`, which has been started.
    package init(sink: any ResponseSink) { self.sink = sink }

    /// Writes a piece; suspends while more than the high-water mark waits to be sent.
    ///
    /// Throws `.cancelled` when the client has reset the stream or the task is cancelled, `.connectionClosed` when it went
    /// away, `.timedOut` when it stopped reading.
    public func write(_ buffer: ByteBuffer) async throws(TransportError) { try await write([buffer]) }

    /// Writes pieces that are there at the same time, as ``write(_:)-(ByteBuffer)`` does. None is copied before it is sent: answers may
    /// share them.
    public func write(_ pieces: [ByteBuffer]) async throws(TransportError) {
        guard let sink else { throw TransportError(.cancelled, "the response is finished") }
        if sink.eventLoop.inEventLoop {
            switch sink.write(pieces) {
            case .ready: return
            case .closed(let error): throw error
            case .full: try await wait(sink, first: nil)
            }
        } else {
            try await wait(sink, first: pieces)
        }
    }

    /// Waits for room; first hops to the loop with `first` if the caller isn't there.
    private func wait(_ sink: any ResponseSink, first: [ByteBuffer]?) async throws(TransportError) {
        let waiter = WriteWaiter()
        if let first {
            sink.eventLoop.execute {
                switch sink.write(first) {
                case .ready: waiter.resume(nil)
                case .closed(let error): waiter.resume(error)
                case .full: sink.whenWritable(waiter)
                }
            }
        } else {
            sink.whenWritable(waiter)
        }
        let error = await withTaskCancellationHandler {
            await waiter.wait()
        } onCancel: {
            waiter.resume(TransportError(.cancelled, "the task was cancelled"))
            sink.eventLoop.execute { sink.cancelWait(waiter) }
        }
        if let error { throw error }
    }

    /// Ends the body. Bytes already written are still delivered.
    public consuming func finish() async throws(TransportError) {
        guard let sink = sink.take() else { return }
        if sink.eventLoop.inEventLoop {
            sink.finish()
        } else {
            sink.eventLoop.execute { sink.finish() }
        }
    }

    /// Gives up: RST_STREAM INTERNAL_ERROR on HTTP/2, the connection is closed on HTTP/1, so that the client can tell the
    /// body is not whole.
    public consuming func abort() {
        guard let sink = sink.take() else { return }
        Self.abort(sink)
    }

    private static func abort(_ sink: any ResponseSink) {
        if sink.eventLoop.inEventLoop {
            sink.abort()
        } else {
            sink.eventLoop.execute { sink.abort() }
        }
    }

    deinit {
        if let sink { Self.abort(sink) }
    }
}
