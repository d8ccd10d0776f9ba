internal import CNghttp2
import Logging
import NIOCore
import NIOHTTP1

/// What goes out.
extension HTTP2Connection {
    /// Submits an answer's head, and its body unless the head ends the stream. `bodyLength` replaces `content-length`.
    func submit(_ head: HTTPResponseHead, for stream: HTTP2Stream, bodyLength: Int?, endsStream: Bool) {
        guard let session else { return }
        let closes = fill(&fieldBlock, head, bodyLength: bodyLength)
        let result = fieldBlock.withVectors { fields, count in
            guard !endsStream else { return nghttp2_submit_response(session.pointer, stream.id, fields, count, nil) }
            return withUnsafePointer(to: HTTP2Callbacks.source(of: stream)) {
                nghttp2_submit_response(session.pointer, stream.id, fields, count, $0)
            }
        }
        guard result == 0 else {
            context.logger.error("HTTP/2 refuses an answer", metadata: ["error": "\(HTTP2Session.text(result))"])
            return reset(stream, .internalError)
        }
        if closes { peer.close(gracefully: true) }
        schedulePump()
    }

    /// Fills the field block; true if the handler asks to close the connection.
    private func fill(_ block: inout HTTP2FieldBlock, _ head: HTTPResponseHead, bodyLength: Int?) -> Bool {
        var closes = false
        var hasDate = false
        block.clear()
        block.add(":status", HTTP2Status.text(head.status))
        var own = head.own
        if let shared = head.shared {
            if let ready = shared.block {
                block.add(ready)
            } else {
                own = shared.headers
                own.add(contentsOf: head.own)
            }
        }
        for (name, value) in own {
            switch HTTP2FieldKind(name) {
            case .connection:
                // Connection-specific fields don't exist here (RFC 9113 §8.2.2); their wish is a GOAWAY.
                if value.lowercased() == "close" { closes = true }
                continue
            case .hopByHop: continue
            case .contentLength: if bodyLength != nil { continue }
            case .date: hasDate = true
            case .other: break
            }
            block.add(name, value)
        }
        if let unique = head.unique { block.add(unique.name, unique.value, isIndexed: false) }
        if !hasDate { block.add("date", date) }
        if let bodyLength { block.add("content-length", String(bodyLength)) }
        return closes
    }

    func submitContinue(for stream: HTTP2Stream) {
        guard let session else { return }
        fieldBlock.clear()
        fieldBlock.add(":status", "100")
        fieldBlock.withVectors { fields, count in
            _ = nghttp2_submit_headers(
                session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, nil, fields, count, nil)
        }
        schedulePump()
    }

    /// The stream has more to send, or its end.
    func bytesAdded(to stream: HTTP2Stream) {
        guard let session else { return }
        if stream.isDeferred {
            stream.isDeferred = false
            nghttp2_session_resume_data(session.pointer, stream.id)
        }
        schedulePump()
    }

    /// Copies a frame's header and `count` bytes of the stream into the frames being sent; called by nghttp2.
    func send(_ header: UnsafeRawBufferPointer, _ count: Int, of stream: HTTP2Stream) {
        frames.writeBytes(header)
        stream.pending.take(count, into: &frames)
        stream.lastWriteProgress = lastActive
        stream.resumeWriters(limits)
    }

    /// END_STREAM was sent; called by nghttp2.
    func answerSent(_ stream: HTTP2Stream) {
        stream.answer = .sent
        guard !stream.requestEnded else { return }
        stream.lingers = true
        stream.eventLoop.scheduleTask(in: HTTP2Stream.lingerTime) { stream.owner.stopLingering(stream) }
    }

    /// The rest of the body is not wanted (RFC 9113 §8.1).
    func stopLingering(_ stream: HTTP2Stream) {
        guard stream.lingers, stream.isOpen, let session else { return }
        stream.lingers = false
        nghttp2_submit_rst_stream(
            session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, HTTP2Code.noError.rawValue)
        schedulePump()
    }

    /// Sends RST_STREAM; `error` is what the handler's reads and writes throw.
    func reset(_ stream: HTTP2Stream, _ code: HTTP2Code, _ error: TransportError? = nil) {
        guard stream.isOpen, let session else { return }
        stream.resetBy = error ?? TransportError(.cancelled, "the stream was reset by the server")
        stream.answer = .sent
        nghttp2_submit_rst_stream(session.pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
        schedulePump()
    }
}

/// The fields of an answer that HTTP/2 treats in its own way.
enum HTTP2FieldKind {
    case other, connection, hopByHop, contentLength, date

    /// By name, without regard to case; by length first, since nearly all names are none of these.
    init(_ name: String) {
        switch name.utf8.count {
        case 4: self = name.isEqual("date") ? .date : .other
        case 7: self = name.isEqual("upgrade") ? .hopByHop : .other
        case 10: self = name.isEqual("connection") ? .connection : name.isEqual("keep-alive") ? .hopByHop : .other
        case 14: self = name.isEqual("content-length") ? .contentLength : .other
        case 16: self = name.isEqual("proxy-connection") ? .hopByHop : .other
        case 17: self = name.isEqual("transfer-encoding") ? .hopByHop : .other
        default: self = .other
        }
    }
}

extension String {
    fileprivate func isEqual(_ lowerCase: StaticString) -> Bool {
        lowerCase.withUTF8Buffer { wanted in
            utf8.elementsEqual(wanted) { $0 == $1 || ((0x41...0x5A).contains($0) && $0 | 0x20 == $1) }
        }
    }
}

/// Status codes as the three digits of `:status`.
enum HTTP2Status {
    static func text(_ status: HTTPResponseStatus) -> String {
        switch status {
        case .ok: "200"
        case .created: "201"
        case .notModified: "304"
        default: String(status.code)
        }
    }
}
