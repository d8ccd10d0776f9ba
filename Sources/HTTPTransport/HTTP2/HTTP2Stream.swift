import Logging
import NIOCore
import NIOHTTP1

/// One HTTP/2 stream: a request, its body, its answer.
///
/// Its state belongs to the connection's loop, as nghttp2's stream of which it is the user data; the loop-only functions
/// of ``ResponseSink`` are called there, the others hop.
final class HTTP2Stream: ResponseSink, RequestBodySource, @unchecked Sendable {  // C wrapper: stays on its event loop
    enum Answer {
        case unsent, streaming
        /// Whole or finished by the writer; bytes may still wait.
        case complete
        /// END_STREAM or RST_STREAM was sent.
        case sent
    }

    let id: Int32
    let eventLoop: any EventLoop
    /// The connection, also after the stream is closed: bytes read then still open its window.
    let owner: HTTP2Connection
    var isOpen = true
    /// Where it is among ``HTTP2Connection/streams``.
    var place = -1
    var request = HTTP2RequestHead()
    var pipe: RequestBodyPipe?
    var task: Task<Void, Never>?
    var isHandled = false
    var requestEnded = false
    /// The handler has begun to read the body.
    var isReading = false
    /// The handler returned: what still comes is thrown away.
    var isAbandoned = false
    var lastBodyProgress = NIODeadline.uptimeNanoseconds(0)
    /// The answer is out, the request's body goes on. What fits the stream's window is still taken, for ``lingerTime``: a client
    /// that is about to end its request takes RST_STREAM for a fault and throws the answer away (curl before 8.8).
    var lingers = false
    static let lingerTime = TimeAmount.seconds(2)

    var answer = Answer.unsent
    /// HEAD, 204, 304: bytes of a body are thrown away.
    var dropsBody = false
    var pending = HTTP2Pending()
    /// nghttp2 asked for bytes when there were none.
    var isDeferred = false
    var lastWriteProgress = NIODeadline.uptimeNanoseconds(0)
    var waiters = WriteWaiters()
    /// Why the server reset it.
    var resetBy: TransportError?
    /// Why writes fail, once the stream is closed.
    var closedBy = TransportError(.connectionClosed, "the connection ended")

    init(id: Int32, connection: HTTP2Connection, eventLoop: any EventLoop) {
        self.id = id
        owner = connection
        self.eventLoop = eventLoop
    }

    /// Nil when the stream is closed.
    var connection: HTTP2Connection? { isOpen ? owner : nil }

    // MARK: ResponseSink

    func send(_ head: HTTPResponseHead, body: ByteBuffer?) {
        guard case .unsent = answer, let connection else { return }
        answer = .complete
        let allowsBody = head.status.mayHaveResponseBody && request.fields.method != .HEAD
        if allowsBody, let body, body.readableBytes > 0 {
            pending.append(body)
            lastWriteProgress = connection.now
        }
        connection.submit(head, for: self, bodyLength: contentLength(head, body), endsStream: pending.count == 0)
    }

    /// What `content-length` becomes; nil leaves the handler's.
    private func contentLength(_ head: HTTPResponseHead, _ body: ByteBuffer?) -> Int? {
        guard head.status.mayHaveResponseBody else { return nil }
        if let body { return body.readableBytes }
        return request.fields.method == .HEAD ? nil : 0
    }

    func start(_ head: HTTPResponseHead) {
        guard case .unsent = answer, let connection else { return }
        answer = .streaming
        dropsBody = !head.status.mayHaveResponseBody || request.fields.method == .HEAD
        connection.submit(head, for: self, bodyLength: nil, endsStream: dropsBody)
    }

    func write(_ buffer: ByteBuffer) -> WriteOutcome {
        guard let connection else { return .closed(closedBy) }
        guard case .streaming = answer, buffer.readableBytes > 0, !dropsBody else { return .ready }
        if pending.count == 0 { lastWriteProgress = .now() }
        pending.append(buffer)
        connection.bytesAdded(to: self)
        return pending.count >= connection.limits.responseBufferBytes ? .full : .ready
    }

    func whenWritable(_ waiter: WriteWaiter) {
        guard let connection else { return waiter.resume(closedBy) }
        guard pending.count >= connection.limits.responseBufferBytes else { return waiter.resume(nil) }
        waiters.append(waiter)
    }

    func cancelWait(_ waiter: WriteWaiter) { waiters.remove(waiter) }

    func finish() {
        guard case .streaming = answer else { return }
        answer = .complete
        if !dropsBody { connection?.bytesAdded(to: self) }
    }

    func abort() {
        if case .sent = answer { return }
        connection?.reset(self, .internalError)
    }

    func abandon() {
        guard case .unsent = answer else { return }
        connection?.context.logger.error(
            "a handler gave no answer", metadata: ["method": "\(request.fields.method)", "target": "\(request.target)"])
        send(.unanswered, body: ByteBuffer(string: "Internal Server Error\n"))
    }

    // MARK: RequestBodySource, from any thread

    func bodyReadingStarted() { onLoop { $0.owner.bodyReadingStarted($0) } }

    func bodyConsumed(_ bytes: Int) {
        onLoop { stream in
            stream.lastBodyProgress = .now()
            stream.owner.consume(bytes, of: stream)
        }
    }

    private func onLoop(_ work: @escaping @Sendable (HTTP2Stream) -> Void) {
        if eventLoop.inEventLoop {
            work(self)
        } else {
            eventLoop.execute { work(self) }
        }
    }

    // MARK: bytes out

    /// Lets suspended writes go on once half of the buffer is free.
    func resumeWriters(_ limits: ServerLimits) {
        if !waiters.isEmpty, pending.count < limits.responseBufferBytes / 2 { waiters.resumeAll() }
    }
}

extension HTTPResponseHead {
    /// What a client gets when a handler gave no answer.
    static var unanswered: HTTPResponseHead {
        HTTPResponseHead(status: .internalServerError, headers: ["content-type": "text/plain; charset=utf-8"])
    }
}
