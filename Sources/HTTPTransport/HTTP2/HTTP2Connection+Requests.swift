internal import CNghttp2
import Logging
import NIOCore
import NIOHTTP1

/// What comes in. All but `start` and what follows it are called by nghttp2's callbacks, where nothing may be sent.
extension HTTP2Connection {
    /// The header of a frame that begins no request came: counts the kinds that cost the sender nothing.
    func frameBegins(type: UInt8, flags: UInt8, length: Int) {
        let isAck = flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        let endsStream = flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch nghttp2_frame_type(UInt32(type)) {
        case NGHTTP2_RST_STREAM:
            if !resets.allows(at: .now()) { calmDown("resetRate") }
        case NGHTTP2_CONTINUATION:
            break
        case NGHTTP2_DATA:
            if length == 0, !endsStream, !controlFrames.allows(at: .now()) { calmDown("controlFrameRate") }
        case NGHTTP2_WINDOW_UPDATE:
            if streams.isEmpty, !controlFrames.allows(at: .now()) { calmDown("controlFrameRate") }
        case NGHTTP2_PING, NGHTTP2_SETTINGS:
            if !isAck, !controlFrames.allows(at: .now()) { calmDown("controlFrameRate") }
        default:
            if !controlFrames.allows(at: .now()) { calmDown("controlFrameRate") }
        }
    }

    /// The peer obeys the protocol and abuses it: GOAWAY ENHANCE_YOUR_CALM, and the connection ends.
    private func calmDown(_ limit: String) {
        guard !isAbused, let session else { return }
        isAbused = true
        context.observer.limitReached(limit)
        context.logger.warning(
            "connection ended for its abuse of HTTP/2",
            metadata: ["limit": "\(limit)", "remote": "\(peer.remoteAddress.map { "\($0)" } ?? "")"])
        nghttp2_session_terminate_session(session.pointer, HTTP2Code.enhanceYourCalm.rawValue)
    }

    func requestBegins(_ id: Int32) {
        guard let session, let channelContext else { return }
        let stream = HTTP2Stream(id: id, connection: self, eventLoop: channelContext.eventLoop)
        streams.insert(stream)
        receiving = stream
        heads.begin()
        headBegan = lastActive
        // Not retained: `streams` keeps it until the stream is closed.
        nghttp2_session_set_stream_user_data(session.pointer, id, Unmanaged.passUnretained(stream).toOpaque())
    }

    /// A field of a request came, whose head is the one that is coming.
    func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, toHeadOf id: Int32) {
        guard receiving?.id == id else { return }
        heads.add(name, value, limit: context.limits.headerListBytes)
    }

    func requestHeadComplete(_ stream: HTTP2Stream, endsStream: Bool) {
        headBegan = nil
        receiving = nil
        stream.request = heads.end()
        requestCount += 1
        stream.requestEnded = endsStream
        if !endsStream { stream.pipe = RequestBodyPipe(source: stream) }
        requestIsReady(stream)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, for stream: HTTP2Stream?) {
        guard let stream, let pipe = stream.pipe, !stream.isAbandoned else {
            // Nobody will read it; the window must not stay shut for the others.
            guard let session else { return }
            nghttp2_session_consume_connection(session.pointer, bytes.count)
            if let stream, nghttp2_session_get_stream_local_window_size(session.pointer, stream.id) <= 0 {
                stopLingering(stream)
            }
            return
        }
        stream.lastBodyProgress = lastActive
        pipe.receive(ByteBuffer(bytes: bytes))
    }

    func requestComplete(_ stream: HTTP2Stream) {
        stream.requestEnded = true
        stream.pipe?.finish()
    }

    /// nghttp2 closed the stream: answered, reset by either side, or refused.
    func streamClosed(_ stream: HTTP2Stream, code: UInt32) {
        if case .sent = stream.answer, code == HTTP2Code.noError.rawValue {
            end(stream, TransportError(.cancelled, "the answer was sent"))
        } else {
            end(stream, stream.resetBy ?? TransportError(.cancelled, "the stream was reset with code \(code)"))
        }
    }

    /// Forgets a stream; a handler at work is cancelled unless its answer went out whole.
    func end(_ stream: HTTP2Stream, _ error: TransportError) {
        guard stream.isOpen else { return }
        stream.isOpen = false
        streams.remove(stream)
        if receiving === stream { receiving = nil }
        stream.closedBy = error
        stream.pending.removeAll()
        var wasAnswered = false
        if case .sent = stream.answer { wasAnswered = true }
        if !stream.requestEnded { stream.pipe?.fail(error) }
        stream.waiters.resumeAll(error)
        if !wasAnswered {
            stream.task?.cancel()
        } else if stream.isHandled {
            finishing[stream.id] = stream
        }
        if !stream.isHandled { abandonBody(of: stream) }
    }

    // MARK: handlers

    /// Begins the handler of a request, on this loop and at once.
    func start(_ stream: HTTP2Stream) {
        stream.isHandled = true
        handlersAtWork += 1
        if stream.request.isTooLarge { return refuseHead(stream) }
        guard handlersAtWork <= limits.concurrentStreams else {
            // Reset streams leave handlers behind; whoever has so many of them waits (CVE-2023-44487). Safe to retry.
            context.observer.limitReached("concurrentStreams")
            reset(stream, .refusedStream)
            return handlerEnded(stream)
        }
        let fields = stream.request.fields
        let request = HTTPRequest(
            head: stream.request.message, fields: fields.shared,
            body: stream.pipe.map { RequestBody(declaredLength: fields.contentLength, pipe: $0) } ?? .empty,
            connection: peer, receivedAt: lastActive)
        switch context.handler.begin(request) {
        case .whole(let head, let body):
            stream.send(head, body: body)
            handlerEnded(stream)
        case .later(let answer):
            let task = Task.immediate(executorPreference: context.executor) {
                await answer(ResponseWriter(sink: stream))
                // Back on the loop, where a task that prefers it runs between suspensions.
                stream.owner.handlerEnded(stream)
            }
            guard stream.isHandled else { return }
            stream.task = task
            if !stream.isOpen { task.cancel() }
        }
    }

    private func refuseHead(_ stream: HTTP2Stream) {
        context.observer.limitReached("headerListBytes")
        stream.send(
            HTTPResponseHead(
                status: .requestHeaderFieldsTooLarge, headers: ["content-type": "text/plain; charset=utf-8"]),
            body: ByteBuffer(string: "the request's head is larger than \(limits.headerListBytes) bytes\n"))
        handlerEnded(stream)
    }

    func handlerEnded(_ stream: HTTP2Stream) {
        guard stream.isHandled else { return }
        stream.isHandled = false
        stream.task = nil
        handlersAtWork -= 1
        if !stream.isOpen { finishing[stream.id] = nil }
        lastActive = now
        abandonBody(of: stream)
    }

    // MARK: bodies

    private func abandonBody(of stream: HTTP2Stream) {
        guard let pipe = stream.pipe, !stream.isAbandoned else { return }
        stream.isAbandoned = true
        consume(pipe.abandon(), of: stream)
    }

    /// Opens the windows for bytes that were read or thrown away.
    func consume(_ bytes: Int, of stream: HTTP2Stream) {
        guard let session, bytes > 0 else { return }
        if stream.isOpen {
            nghttp2_session_consume(session.pointer, stream.id, bytes)
        } else {
            nghttp2_session_consume_connection(session.pointer, bytes)
        }
        schedulePump()
    }

    func bodyReadingStarted(_ stream: HTTP2Stream) {
        stream.isReading = true
        stream.lastBodyProgress = .now()
        guard stream.request.fields.expectsContinue, stream.isOpen, case .unsent = stream.answer, !stream.requestEnded
        else {
            return
        }
        submitContinue(for: stream)
    }
}
