import Logging
import NIOCore
import NIOHTTP1

/// What waits to be sent.
struct HTTP1Output {
    /// Bytes given to the channel and not yet sent.
    var waiting = 0
    /// Bytes were sent since the stall deadline was set.
    var hasProgressed = false
    var needsFlush = false
    var isFlushScheduled = false
    /// Between the first part of a read and its end: answers made meanwhile leave in one piece.
    var isInRead = false
    var waiters = WriteWaiters()
}

/// The handler's side: from heads and pieces of a body to bytes. Each function has no effect for an exchange that is over.
extension HTTP1Connection {
    /// Bodies up to this are copied behind their head; longer ones are sent from where they are.
    private static let copiedBytes = 32 << 10
    /// A longer write is cut, so that its progress can be seen.
    private static let pieceBytes = TLSHandler.pieceBytes

    func send(_ head: HTTPResponseHead, body: ByteBuffer?, for id: UInt64) {
        guard let turn, turn.exchange.id == id, turn.isUnsent else { return }
        let head = head.alone
        let length = body?.readableBytes ?? 0
        let framing = turn.encoder.framing(head, length: length)
        var buffer = headBytes(
            head, length: body == nil && turn.encoder.method == .HEAD ? nil : length, framing: framing)
        if case .length = framing, let body, length > 0 {
            if length <= Self.copiedBytes {
                buffer.writeImmutableBuffer(body)
                put(buffer)
            } else {
                put(buffer)
                put(body)
            }
        } else {
            put(buffer)
        }
        answerIsSent()
    }

    func start(_ head: HTTPResponseHead, for id: UInt64) {
        guard let turn, turn.exchange.id == id, turn.isUnsent else { return }
        let head = head.alone
        let framing = turn.encoder.framing(head, length: nil)
        put(headBytes(head, length: nil, framing: framing))
        self.turn?.answer = .streaming(framing)
    }

    func write(_ buffer: ByteBuffer, for id: UInt64) -> WriteOutcome {
        guard let turn, turn.exchange.id == id, case .streaming(let framing) = turn.answer else {
            return .closed(gone())
        }
        let count = buffer.readableBytes
        guard count > 0 else { return outcome }
        switch framing {
        case .none:
            return .ready
        case .connection:
            put(buffer)
        case .chunked:
            putChunk(buffer)
        case .length(let remaining):
            guard count <= remaining else {
                context.logger.error("a response's body is longer than its Content-Length")
                closeNow()
                return .closed(TransportError(.protocolViolation, "the body is longer than its Content-Length"))
            }
            self.turn?.answer = .streaming(.length(remaining: remaining - count))
            put(buffer)
        }
        return outcome
    }

    func finish(for id: UInt64) {
        guard let turn, turn.exchange.id == id, case .streaming(let framing) = turn.answer else { return }
        switch framing {
        case .none, .connection: break
        case .chunked: put(ByteBuffer(staticString: "0\r\n\r\n"))
        case .length(let remaining): guard remaining == 0 else { return closeNow() }
        }
        answerIsSent()
    }

    func abort(for id: UInt64) {
        guard let turn, turn.exchange.id == id, !turn.isAnswered else { return }
        closeNow()
    }

    func abandon(for id: UInt64) {
        guard let turn, turn.exchange.id == id, turn.isUnsent else { return }
        context.logger.error("a handler ended without an answer")
        send(
            HTTPResponseHead(status: .internalServerError, headers: ["content-type": "text/plain; charset=utf-8"]),
            body: ByteBuffer(staticString: "Internal Server Error\n"), for: id)
    }

    func whenWritable(_ waiter: WriteWaiter, for id: UInt64) {
        guard let turn, turn.exchange.id == id, !turn.isAnswered else { return waiter.resume(gone()) }
        // May send some at once, and so make room.
        flushIfNeeded()
        if case .ready = outcome {
            waiter.resume(nil)
        } else {
            output.waiters.append(waiter)
        }
    }

    func cancelWait(_ waiter: WriteWaiter) { output.waiters.remove(waiter) }

    /// Answers a request that no handler sees, and ends the connection.
    func refuse(_ refusal: HTTP1Refusal) {
        context.logger.debug(
            "request refused", metadata: ["status": "\(refusal.status.code)", "reason": "\(refusal.reason)"])
        if refusal.status == .requestHeaderFieldsTooLarge || refusal.status == .uriTooLong {
            context.observer.limitReached("headerListBytes")
        }
        var buffer = ByteBuffer()
        let body = "\(refusal.status.code) \(refusal.status.reasonPhrase): \(refusal.reason)\n"
        HTTP1ResponseEncoder(method: .GET, version: .http1_1).write(
            HTTPResponseHead(status: refusal.status, headers: ["content-type": "text/plain; charset=utf-8"]),
            length: nil,
            framing: .length(remaining: body.utf8.count), close: true, date: context.date.value, into: &buffer)
        buffer.writeString(body)
        put(buffer)
        closeWhenFlushed(lingers: true)
    }

    // MARK: bytes

    private func gone() -> TransportError { TransportError(.connectionClosed, "the client closed the connection") }

    private var outcome: WriteOutcome { output.waiting < context.limits.responseBufferBytes ? .ready : .full }

    /// The head's bytes; decides whether the connection ends with this answer.
    private func headBytes(_ head: HTTPResponseHead, length: Int?, framing: HTTP1Framing) -> ByteBuffer {
        guard let turn else { return ByteBuffer() }
        let asked =
            head.headers.contains(name: "connection")
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
        let closes =
            turn.closes || asked || isDraining || framing == .connection || !turn.isWorthDraining(upTo: Self.drainBytes)
        self.turn?.closes = closes
        var buffer =
            channelContext?.channel.allocator.buffer(capacity: 512 + min(length ?? 0, Self.copiedBytes)) ?? ByteBuffer()
        turn.encoder.write(
            head, length: length, framing: framing, close: closes, date: context.date.value, into: &buffer)
        return buffer
    }

    private func putChunk(_ buffer: ByteBuffer) {
        let count = buffer.readableBytes
        var chunk =
            channelContext?.channel.allocator.buffer(capacity: 24 + min(count, Self.copiedBytes)) ?? ByteBuffer()
        HTTP1ResponseEncoder.writeChunkHead(count, into: &chunk)
        if count <= Self.copiedBytes {
            chunk.writeImmutableBuffer(buffer)
            chunk.writeStaticString("\r\n")
            put(chunk)
        } else {
            put(chunk)
            put(buffer)
            put(ByteBuffer(staticString: "\r\n"))
        }
    }

    /// Gives bytes to the channel; they are flushed by the end of the loop's tick.
    func put(_ buffer: ByteBuffer) {
        guard let channelContext else { return }
        var rest = buffer
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceBytes)), piece.readableBytes > 0 {
            if output.waiting == 0 {
                output.hasProgressed = false
                stallDeadline?.set(context.limits.writeProgressTimeout)
            }
            output.waiting += piece.readableBytes
            let promise = channelContext.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { [weak self] result in
                self?.sent(piece.readableBytes, result)
            }
            channelContext.write(wrapOutboundOut(piece), promise: promise)
        }
        output.needsFlush = true
        guard !output.isInRead, !output.isFlushScheduled else { return }
        output.isFlushScheduled = true
        channelContext.eventLoop.assumeIsolated().execute { [weak self] in
            self?.output.isFlushScheduled = false
            self?.flushIfNeeded()
        }
    }

    func flushIfNeeded() {
        guard output.needsFlush else { return }
        output.needsFlush = false
        channelContext?.flush()
    }

    private func sent(_ count: Int, _ result: Result<Void, any Error>) {
        output.waiting -= count
        output.hasProgressed = true
        if output.waiting == 0 { stallDeadline?.clear() }
        if output.waiting < context.limits.responseBufferBytes / 2 {
            output.waiters.resumeAll()
            if !pending.isEmpty { advance() }
        }
        if output.waiting == 0 { allIsSent() }
    }

    // MARK: the end of an answer

    private func answerIsSent() {
        guard let turn else { return }
        self.turn?.answer = .sent
        output.waiters.resumeAll(gone())
        if turn.requestIsWhole { return endTurn() }
        // Whatever the handler does with the body now, it must not take what it has for the whole.
        turn.pipe?.fail(TransportError(.cancelled, "the request was answered before its body was read"))
        turn.pipe?.abandon()
        if turn.closes || refusal != nil {
            closeWhenFlushed(lingers: true)
        } else {
            begin(.drain)
            releaseRead()
        }
    }

    /// Request and answer are whole: the next one's turn.
    func endTurn() {
        guard let closes = turn?.closes else { return }
        turn = nil
        if closes || (isFinishing && pending.isEmpty) { return closeWhenFlushed(lingers: !pending.isEmpty) }
        begin(.idle)
        advance()
    }
}
