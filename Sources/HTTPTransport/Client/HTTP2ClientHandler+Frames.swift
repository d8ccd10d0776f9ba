internal import CNghttp2
import NIOCore
import NIOHTTP1

/// What comes in; called by nghttp2's callbacks, where nothing may be sent, only submitted.
extension HTTP2ClientHandler {
    func receiveField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ id: Int32) {
        // Trailers are not relied on.
        guard let stream = streams[id], !stream.hasHead, !stream.isCancelled,
            !stream.fields.add(name, value, limits)
        else { return }
        stream.exchange.fail(
            TransportError(
                .headersTooLarge,
                "the response's head is larger than \(limits.maximumHeaderBytes) bytes or \(limits.maximumHeaderFields) fields"
            ))
    }

    func receiveHead(_ id: Int32, endsStream: Bool) {
        guard let stream = streams[id], !stream.isCancelled else { return }
        // An informational answer is passed over: the head follows.
        if !stream.hasHead, let status = stream.fields.status, status >= 200 {
            stream.hasHead = true
            let exchange = stream.exchange
            let head = HTTPResponseHead(
                status: HTTPResponseStatus(statusCode: status), headers: stream.fields.headers)
            stream.fields = HTTP2ResponseFields()
            stream.deadline?.set(exchange.deadlines.idle)
            exchange.receive(ClientExchangeHead(head, .http2, to: exchange.message.head.method))
        }
        if endsStream { receiveEnd(id) }
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ id: Int32) {
        guard let session else { return }
        guard let stream = streams[id], stream.hasHead, !stream.isCancelled else {
            nghttp2_session_consume_connection(session.pointer, bytes.count)
            return
        }
        stream.unconsumed += bytes.count
        stream.deadline?.set(stream.exchange.deadlines.idle)
        stream.exchange.pipe.receive(ByteBuffer(bytes: bytes))
    }

    func receiveEnd(_ id: Int32) {
        guard let session, let stream = streams[id], stream.hasHead, !stream.isCancelled else { return }
        stream.isComplete = true
        guard stream.body.readableBytes > 0 else { return }
        // The answer is there: nobody wants the rest of the request.
        nghttp2_submit_rst_stream(
            session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, HTTP2Code.cancel.rawValue)
    }

    func receiveSettings() {
        guard let session, let connection else { return }
        let count = nghttp2_session_get_remote_settings(session.pointer, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        pool.setCapacity(min(Int(count), 1 << 20), of: connection)
    }

    func receiveGoAway(_ code: UInt32, _ text: UnsafeRawBufferPointer) {
        isGoingAway = true
        if failure == nil, code != HTTP2Code.noError.rawValue {
            let visible = text.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: " ") }
            let said = visible.isEmpty ? "" : ": \(String(decoding: visible, as: UTF8.self))"
            failure = TransportError(
                code == HTTP2Code.enhanceYourCalm.rawValue ? .enhanceYourCalm : .connectionClosed,
                "the server ended the connection with \(Self.name(code))\(said)")
        }
        if let connection { pool.retire(connection) }
    }

    /// nghttp2 ends the connection: of itself only for a fault of the server.
    func goAwaySent(_ code: UInt32) {
        isGoingAway = true
        if failure == nil, code != HTTP2Code.noError.rawValue {
            failure = TransportError(
                .protocolViolation, "the server broke HTTP/2: \(violation ?? Self.name(code))")
        }
        if let connection { pool.retire(connection) }
    }

    /// nghttp2 closed the stream: complete, reset by either side, refused, or above the last of a GOAWAY.
    func streamClosed(_ id: Int32, _ code: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.deadline?.end()
        if let session { consumeRest(of: stream, session) }
        let exchange = stream.exchange
        if stream.isComplete { exchange.detach() }
        // Before the caller learns of the end: its next request finds the place free.
        if let connection { pool.ended(connection) }
        if stream.isComplete {
            exchange.pipe.finish()
        } else if !stream.isCancelled {
            let isRefused = code == HTTP2Code.refusedStream.rawValue
            exchange.fail(Self.error(of: code), isUnprocessed: isRefused, isFinal: !isRefused)
        }
    }

    private static func error(of code: UInt32) -> TransportError {
        switch HTTP2Code(rawValue: code) {
        case .refusedStream: TransportError(.connectionClosed, "the server refused the request's stream")
        case .enhanceYourCalm: TransportError(.enhanceYourCalm, "the server reset the stream: \(name(code))")
        case .protocolError: TransportError(.protocolViolation, "the stream was reset: \(name(code))")
        default: TransportError(.connectionClosed, "the server reset the stream: \(name(code))")
        }
    }

    private static func name(_ code: UInt32) -> String { String(cString: nghttp2_http2_strerror(code)) }
}
