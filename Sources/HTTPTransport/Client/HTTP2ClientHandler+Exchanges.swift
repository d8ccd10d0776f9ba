internal import CNghttp2
import NIOCore
import NIOHTTP1

/// What exchanges want; called on the loop, never by nghttp2's callbacks but for `consumed` and `cancel`.
extension HTTP2ClientHandler {
    /// Sends the exchange's request on a stream of its own.
    func start(_ exchange: ClientExchange) {
        guard let connection else { return exchange.fail(Self.isGone, isUnprocessed: true) }
        guard let session, let context, !isGoingAway, context.channel.isActive,
            let id = Int32(exactly: nghttp2_session_get_next_stream_id(session.pointer))
        else {
            pool.retire(connection)
            pool.ended(connection)
            return exchange.fail(Self.isGone, isUnprocessed: true)
        }
        guard exchange.attach(HTTP2ClientCarrier(connection, id: id), isKept: hasCarried) else {
            return pool.ended(connection)
        }
        hasCarried = true
        let stream = HTTP2ClientStream(exchange)
        fill(exchange.message.head)
        guard submit(stream, session) == id else {
            pool.retire(connection)
            pool.ended(connection)
            return exchange.fail(Self.isGone, isUnprocessed: true)
        }
        if streams.isEmpty { beginKeepAlive(context) }
        streams[id] = stream
        stream.deadline = MovingDeadline(context.eventLoop) { [weak self, weak stream] in
            if let stream { self?.tooLate(stream) }
        }
        stream.deadline?.set(exchange.deadlines.head)
        if exchange.message.closesConnection { pool.retire(connection) }
        schedulePump()
    }

    private static var isGone: TransportError {
        TransportError(.connectionClosed, "the connection ended before the request was sent")
    }

    private func submit(_ stream: HTTP2ClientStream, _ session: HTTP2Session) -> Int32 {
        fieldBlock.withVectors { fields, count in
            guard stream.body.readableBytes > 0 else {
                return nghttp2_submit_request(session.pointer, nil, fields, count, nil, nil)
            }
            return withUnsafePointer(to: HTTP2ClientCallbacks.source(of: stream)) {
                nghttp2_submit_request(session.pointer, nil, fields, count, $0, nil)
            }
        }
    }

    /// Host becomes `:authority`; fields about an HTTP/1 connection don't exist here (RFC 9113 §8.2.2).
    private func fill(_ head: NIOHTTP1.HTTPRequestHead) {
        fieldBlock.clear()
        fieldBlock.add(":method", head.method.rawValue)
        fieldBlock.add(":scheme", "https")
        fieldBlock.add(":authority", head.headers.first(name: "host") ?? "")
        fieldBlock.add(":path", head.uri)
        for (name, value) in head.headers {
            switch HTTP2FieldKind(name) {
            case .connection, .hopByHop: continue
            case .contentLength, .date, .other: break
            }
            if name.lowercased() != "host" { fieldBlock.add(name, value) }
        }
    }

    /// The reader took bytes: the server may send as many more.
    func consumed(_ bytes: Int, _ id: Int32) {
        guard let session, let stream = streams[id] else { return }
        let count = min(bytes, stream.unconsumed)
        guard count > 0 else { return }
        stream.unconsumed -= count
        nghttp2_session_consume(session.pointer, id, count)
        stream.deadline?.set(stream.exchange.deadlines.idle)
        schedulePump()
    }

    /// The exchange has failed or is not wanted any more: RST_STREAM, which hurts no other.
    func cancel(_ id: Int32) {
        guard let session, let stream = streams[id], !stream.isCancelled else { return }
        stream.isCancelled = true
        stream.deadline?.end()
        consumeRest(of: stream, session)
        nghttp2_submit_rst_stream(
            session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, HTTP2Code.cancel.rawValue)
        schedulePump()
    }

    /// What nobody will read must not keep the connection's window shut.
    func consumeRest(of stream: HTTP2ClientStream, _ session: HTTP2Session) {
        guard stream.unconsumed > 0 else { return }
        nghttp2_session_consume_connection(session.pointer, stream.unconsumed)
        stream.unconsumed = 0
    }

    // MARK: time

    private func tooLate(_ stream: HTTP2ClientStream) {
        guard stream.hasHead else { return stream.exchange.timedOut(.head) }
        // The server waits for the reader, not the other way round.
        if stream.exchange.pipe.bufferedBytes > 0 {
            stream.deadline?.set(stream.exchange.deadlines.idle)
        } else {
            stream.exchange.timedOut(.idle)
        }
    }

    private func beginKeepAlive(_ context: ChannelHandlerContext) {
        lastHeard = context.eventLoop.now
        pingSent = nil
        keepAlive?.set(limits.pingInterval)
    }

    /// PING after a silence; no byte after a PING, and the connection is lost.
    func checkAlive() {
        guard let context, let session, !streams.isEmpty else { return }
        let now = context.eventLoop.now
        if let sent = pingSent, lastHeard <= sent {
            let left = TimeAmount(limits.pingTimeout) - (now - sent)
            guard left <= .zero else {
                keepAlive?.set(.nanoseconds(left.nanoseconds))
                return
            }
            failure = TransportError(
                .connectionClosed,
                "the server answered no PING within \(limits.pingTimeout) after \(limits.pingInterval) of silence")
            return context.close(promise: nil)
        }
        pingSent = nil
        let left = TimeAmount(limits.pingInterval) - (now - lastHeard)
        guard left <= .zero else {
            keepAlive?.set(.nanoseconds(left.nanoseconds))
            return
        }
        pingSent = now
        nghttp2_submit_ping(session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
        keepAlive?.set(limits.pingTimeout)
        schedulePump()
    }
}
