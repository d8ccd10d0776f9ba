internal import CNghttp2
import NIOCore

/// nghttp2's callbacks: each finds its connection and stream, and passes on.
///
/// `user_data` is the connection, which owns the session; a stream's user data is its ``HTTP2Stream``, which the
/// connection keeps until the stream is closed.
enum HTTP2Callbacks {
    static func set(_ callbacks: OpaquePointer) {
        setReceiving(callbacks)
        setSending(callbacks)
    }

    private static func setReceiving(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, data in
            guard let header else { return callbackFailure }
            let (type, flags, length) = (header.pointee.type, header.pointee.flags, header.pointee.length)
            // A head is a request, and CONTINUATIONs nghttp2 limits: neither is counted.
            guard type != NGHTTP2_HEADERS.rawValue else { return 0 }
            return owner(data) { $0.frameBegins(type: type, flags: flags, length: length) }
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, data in
            guard let frame else { return callbackFailure }
            guard frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
            let id = frame.pointee.hd.stream_id
            return owner(data) { $0.requestBegins(id) }
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, data in
            guard let frame else { return callbackFailure }
            // Trailers are not relied on.
            guard frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
            let id = frame.pointee.hd.stream_id
            return owner(data) {
                $0.add(
                    UnsafeBufferPointer(start: name, count: nameLength),
                    UnsafeBufferPointer(start: value, count: valueLength), toHeadOf: id)
            }
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, data in
            guard let frame else { return callbackFailure }
            let header = frame.pointee.hd
            let type = UInt32(header.type)
            guard type == NGHTTP2_HEADERS.rawValue || type == NGHTTP2_DATA.rawValue,
                let stream = streamOf(session, header.stream_id)
            else { return 0 }
            let ends = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            let isHead = type == NGHTTP2_HEADERS.rawValue && frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
            return owner(data) { connection in
                if isHead {
                    connection.requestHeadComplete(stream, endsStream: ends)
                } else if ends {
                    connection.requestComplete(stream)
                }
            }
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, id, bytes, count, data in
            owner(data) {
                $0.receive(UnsafeRawBufferPointer(start: bytes, count: count), for: streamOf(session, id))
            }
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { session, id, code, data in
            guard let stream = streamOf(session, id) else { return 0 }
            return owner(data) { $0.streamClosed(stream, code: code) }
        }
    }

    private static func setSending(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_send_callback(callbacks) { _, bytes, count, _, data in
            var isSent = false
            let result = owner(data) { connection in
                guard connection.hasRoom else { return }
                connection.frames.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
                isSent = true
            }
            guard result == 0 else { return Int(result) }
            return isSent ? count : Int(NGHTTP2_ERR_WOULDBLOCK.rawValue)
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, header, length, source, data in
            guard let stream = streamAt(source?.pointee.ptr) else { return callbackFailure }
            var isSent = false
            let result = owner(data) { connection in
                guard connection.hasRoom else { return }
                connection.send(UnsafeRawBufferPointer(start: header, count: 9), length, of: stream)
                isSent = true
            }
            guard result == 0 else { return result }
            return isSent ? 0 : NGHTTP2_ERR_WOULDBLOCK.rawValue
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { session, frame, data in
            guard let frame else { return callbackFailure }
            let header = frame.pointee.hd
            let type = UInt32(header.type)
            guard type == NGHTTP2_HEADERS.rawValue || type == NGHTTP2_DATA.rawValue,
                header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
                let stream = streamOf(session, header.stream_id)
            else { return 0 }
            return owner(data) { $0.answerSent(stream) }
        }
    }

    /// How a stream's body is asked for its bytes: only how many; they are copied in `send_data_callback`.
    static func source(of stream: HTTP2Stream) -> nghttp2_data_provider {
        nghttp2_data_provider(
            source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()),
            read_callback: { _, _, _, length, flags, source, _ in
                guard let flags, let stream = streamAt(source?.pointee.ptr) else {
                    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
                }
                let count = min(length, stream.pending.count)
                var isComplete = false
                if case .complete = stream.answer { isComplete = true }
                if count == 0, !isComplete {
                    stream.isDeferred = true
                    return Int(NGHTTP2_ERR_DEFERRED.rawValue)
                }
                flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
                if isComplete, count == stream.pending.count { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
                return count
            })
    }
}

// At file scope, since a C function pointer can't capture the type that a static member would be looked up in.

private var callbackFailure: Int32 { NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }

/// Calls the connection, whose references are not counted: it owns the session that is calling, and the channel's pipeline keeps it
/// while it works.
@inline(__always)
private func owner(_ data: UnsafeMutableRawPointer?, _ work: (HTTP2Connection) -> Void) -> Int32 {
    guard let data else { return callbackFailure }
    Unmanaged<HTTP2Connection>.fromOpaque(data)._withUnsafeGuaranteedRef { work($0) }
    return 0
}

private func streamOf(_ session: OpaquePointer?, _ id: Int32) -> HTTP2Stream? {
    streamAt(nghttp2_session_get_stream_user_data(session, id))
}

private func streamAt(_ data: UnsafeMutableRawPointer?) -> HTTP2Stream? {
    guard let data else { return nil }
    return Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue()
}
