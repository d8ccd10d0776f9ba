import NIOConcurrencyHelpers
package import NIOCore

/// What a connection kind does when a handler reads a body. Called from any thread, outside the pipe's lock.
package protocol RequestBodySource: AnyObject, Sendable {
    /// The handler asked for bytes the first time: send `100-continue` if the client waits for it.
    func bodyReadingStarted()
    /// The handler took `bytes` out of the pipe: let the peer send as many more.
    func bodyConsumed(_ bytes: Int)
}

/// The pipe between a connection, which pushes, and one reader, which pulls.
///
/// It bounds nothing by itself: the source stops the peer (window, or no more reads) and starts it again as it is told
/// what was consumed. Every method may be called from any thread.
package final class RequestBodyPipe: Sendable {
    private typealias Waiter = CheckedContinuation<Result<ByteBuffer?, TransportError>, Never>
    private enum End {
        case open, finished
        case failed(TransportError)
    }
    private struct State {
        var chunks: CircularBuffer<ByteBuffer>
        var bytes = 0
        var end = End.open
        var started = false
        var waiter: Waiter?
        var source: (any RequestBodySource)?

        /// Small pieces are joined: a window full of one-byte frames must not cost a buffer each.
        mutating func append(_ buffer: ByteBuffer) {
            bytes += buffer.readableBytes
            guard buffer.readableBytes <= 4096, var last = chunks.popLast() else { return chunks.append(buffer) }
            if last.readableBytes <= 16_384 {
                last.writeImmutableBuffer(buffer)
                chunks.append(last)
            } else {
                chunks.append(last)
                chunks.append(buffer)
            }
        }

        mutating func takeNext() -> Result<ByteBuffer?, TransportError>? {
            if let chunk = chunks.popFirst() {
                bytes -= chunk.readableBytes
                return .success(chunk)
            }
            switch end {
            case .open: return nil
            case .finished: return .success(nil)
            case .failed(let error): return .failure(error)
            }
        }
    }
    private let state: NIOLockedValueBox<State>

    /// A pipe whose consumption `source` is told about. The reference is dropped when the body ends.
    package init(source: (any RequestBodySource)? = nil) {
        state = NIOLockedValueBox(State(chunks: CircularBuffer(initialCapacity: 4), source: source))
    }

    // MARK: the connection's side

    /// Bytes came.
    package func receive(_ buffer: ByteBuffer) {
        let count = buffer.readableBytes
        guard count > 0 else { return }
        let handed = state.withLockedValue { state -> (Waiter?, (any RequestBodySource)?) in
            guard case .open = state.end else { return (nil, state.source) }
            if let waiter = state.waiter.take() { return (waiter, state.source) }
            state.append(buffer)
            return (nil, nil)
        }
        handed.0?.resume(returning: .success(buffer))
        handed.1?.bodyConsumed(count)
    }

    /// The body is complete.
    package func finish() { end(.finished, .success(nil)) }

    /// The body will never be complete; bytes already here are still read first.
    package func fail(_ error: TransportError) { end(.failed(error), .failure(error)) }

    /// The handler is done: drops what is unread and the source, and says how many bytes it dropped.
    @discardableResult
    package func abandon() -> Int {
        state.withLockedValue { state in
            defer { state.bytes = 0 }
            state.chunks.removeAll()
            state.source = nil
            if case .open = state.end { state.end = .finished }
            return state.bytes
        }
    }

    /// Bytes received and not yet read.
    package var bufferedBytes: Int { state.withLockedValue { $0.bytes } }

    private func end(_ end: End, _ result: Result<ByteBuffer?, TransportError>) {
        let waiter = state.withLockedValue { state -> Waiter? in
            guard case .open = state.end else { return nil }
            state.end = end
            return state.waiter.take()
        }
        waiter?.resume(returning: result)
    }

    // MARK: the reader's side

    /// The next chunk; nil at the end.
    package func next() async throws(TransportError) -> ByteBuffer? {
        if let started = firstRead() { started.bodyReadingStarted() }
        if let ready = poll() { return try ready.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0) }
        } onCancel: {
            cancelWaiter()
        }
        return try result.get()
    }

    private func firstRead() -> (any RequestBodySource)? {
        state.withLockedValue { state in
            guard !state.started else { return nil }
            state.started = true
            return state.source
        }
    }

    private func poll() -> Result<ByteBuffer?, TransportError>? {
        let (result, source) = state.withLockedValue { ($0.takeNext(), $0.source) }
        if case .success(let chunk?) = result { source?.bodyConsumed(chunk.readableBytes) }
        return result
    }

    private func wait(_ continuation: Waiter) {
        typealias Outcome = (Result<ByteBuffer?, TransportError>?, (any RequestBodySource)?)
        let (result, source) = state.withLockedValue { state -> Outcome in
            if let result = state.takeNext() { return (result, state.source) }
            // Read under the lock: a cancellation after this finds the waiter.
            if Task.isCancelled { return (.failure(TransportError(.cancelled, "the task was cancelled")), nil) }
            guard state.waiter == nil else {
                return (.failure(TransportError(.unsupported, "a request body has one reader at a time")), nil)
            }
            state.waiter = continuation
            return (nil, nil)
        }
        if let result { continuation.resume(returning: result) }
        if case .success(let chunk?) = result { source?.bodyConsumed(chunk.readableBytes) }
    }

    private func cancelWaiter() {
        let waiter = state.withLockedValue { $0.waiter.take() }
        waiter?.resume(returning: .failure(TransportError(.cancelled, "the task was cancelled")))
    }
}
