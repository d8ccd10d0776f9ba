import NIOCore
import NIOHTTP1

/// The client's side: from parts to a handler's task and its body.
extension HTTP1Connection {
    /// Begins a request's turn: checks the head and starts the handler.
    func startTurn(_ part: NIOHTTP1.HTTPRequestHead) {
        endWait()
        guard let channelContext else { return }
        let facts: HTTP1RequestFacts
        do {
            facts = try HTTP1RequestFacts(part)
        } catch {
            return refuse(error)
        }
        lastID &+= 1
        let id = lastID
        let exchange = HTTP1Exchange(id: id, eventLoop: channelContext.eventLoop, connection: self)
        let pipe = facts.hasBody ? RequestBodyPipe(source: exchange) : nil
        turn = HTTP1Turn(
            exchange: exchange, pipe: pipe,
            encoder: HTTP1ResponseEncoder(method: facts.head.method, version: facts.head.version),
            declaredLength: facts.declaredLength, requestIsWhole: !facts.hasBody,
            owesContinue: facts.expectsContinue && facts.hasBody, closes: !facts.keepAlive)
        let request = HTTPRequest(
            head: facts.head, body: RequestBody(declaredLength: facts.declaredLength, pipe: pipe), connection: peer,
            receivedAt: .now())
        switch context.handler.begin(request) {
        case .whole(let head, let body):
            send(head, body: body, for: id)
        case .later(let answer):
            let task = Task.immediate(executorPreference: context.executor) {
                await answer(ResponseWriter(sink: exchange))
            }
            if turn?.exchange.id == id { turn?.task = task }
        }
    }

    /// Bytes of the current body.
    func receive(_ bytes: ByteBuffer) {
        guard turn != nil else { return }
        turn?.received += bytes.readableBytes
        turn?.owesContinue = false
        if turn?.isAnswered == true {
            turn?.discarded += bytes.readableBytes
            if let turn, turn.discarded > Self.drainBytes { closeWhenFlushed(lingers: true) }
        } else {
            turn?.pipe?.receive(bytes)
            updateBodyWait()
        }
    }

    /// The last byte of the request was read.
    func requestIsWhole() {
        guard turn != nil else { return }
        turn?.requestIsWhole = true
        endWait()
        turn?.pipe?.finish()
        if turn?.isAnswered == true { endTurn() }
    }

    /// The decoder gave up: in the current body, or where a head should be.
    func act(on refusal: HTTP1Refusal) {
        guard let turn else { return refuse(refusal) }
        guard !turn.requestIsWhole else { return }
        self.turn?.closes = true
        turn.pipe?.fail(TransportError(.protocolViolation, refusal.reason))
        if turn.isAnswered { closeWhenFlushed(lingers: true) }
    }

    // MARK: what the reader does

    /// The handler asked for the body the first time.
    func bodyReadingStarted(for id: UInt64) {
        guard let turn, turn.exchange.id == id else { return }
        self.turn?.isReading = true
        if turn.owesContinue, turn.isUnsent {
            self.turn?.owesContinue = false
            put(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
        updateBodyWait()
    }

    /// The handler took bytes.
    func bodyConsumed(for id: UInt64) {
        guard turn?.exchange.id == id else { return }
        updateBodyWait()
        releaseRead()
    }

    // MARK: the end

    /// The client is gone, or the channel was closed.
    func disconnected() {
        if case .closed = end { return }
        end = .closed
        waitDeadline?.end()
        stallDeadline?.end()
        pending.removeAll()
        let gone = TransportError(.connectionClosed, "the client closed the connection")
        let ended = turn
        turn = nil
        ended?.pipe?.fail(gone)
        ended?.task?.cancel()
        output.waiters.resumeAll(gone)
    }

    /// Cancels the handler and closes.
    func closeNow() {
        channelContext?.close(promise: nil)
    }

    /// Closes when all that was written is sent. `lingers`: the client may still be sending.
    func closeWhenFlushed(lingers: Bool) {
        guard case .open = end else { return }
        end = .flushing(lingers: lingers)
        pending.removeAll()
        endWait()
        flushIfNeeded()
        if output.waiting == 0 { allIsSent() }
        releaseRead()
    }

    /// The end of ``closeWhenFlushed(lingers:)``.
    func allIsSent() {
        guard case .flushing(let lingers) = end else { return }
        if lingers {
            end = .lingering
            begin(.drain)
        } else {
            closeNow()
        }
    }
}
