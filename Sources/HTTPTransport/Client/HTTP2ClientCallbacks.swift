internal import CNghttp2
import NIOCore

/// nghttp2's callbacks of a client: each finds its handler, and passes on.
///
/// `user_data` is the handler, which owns the session. Streams are found by their number: one that isn't known any more is of no
/// interest.
enum HTTP2ClientCallbacks {
    static func set(_ callbacks: OpaquePointer) {
        setHeaders(callbacks)
        setFrames(callbacks)
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, data in
            guard let handler = handler(data) else { return failure }
            handler.receive(UnsafeRawBufferPointer(start: bytes, count: count), id)
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, data in
            guard let handler = handler(data) else { return failure }
            handler.streamClosed(id, code)
            return 0
        }
        nghttp2_session_callbacks_set_error_callback2(callbacks) { _, _, text, count, data in
            guard let handler = handler(data), let text else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: text, count: min(count, 300))
            handler.violation = String(decoding: bytes, as: UTF8.self)
            return 0
        }
    }

    private static func setHeaders(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, data in
            guard let frame, let handler = handler(data) else { return failure }
            handler.streams[frame.pointee.hd.stream_id]?.fields = HTTP2ResponseFields()
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, data in
            guard let frame, let handler = handler(data) else { return failure }
            handler.receiveField(
                UnsafeBufferPointer(start: name, count: nameLength),
                UnsafeBufferPointer(start: value, count: valueLength), frame.pointee.hd.stream_id)
            return 0
        }
    }

    private static func setFrames(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, data in
            guard let frame, let handler = handler(data) else { return failure }
            let header = frame.pointee.hd
            let ends = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            switch nghttp2_frame_type(UInt32(header.type)) {
            case NGHTTP2_HEADERS: handler.receiveHead(header.stream_id, endsStream: ends)
            case NGHTTP2_DATA: if ends { handler.receiveEnd(header.stream_id) }
            case NGHTTP2_SETTINGS: if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { handler.receiveSettings() }
            case NGHTTP2_GOAWAY:
                let goAway = frame.pointee.goaway
                let text = UnsafeRawBufferPointer(
                    start: goAway.opaque_data, count: goAway.opaque_data == nil ? 0 : min(goAway.opaque_data_len, 200))
                handler.receiveGoAway(goAway.error_code, text)
            default: break
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, data in
            guard let frame, let handler = handler(data) else { return failure }
            switch nghttp2_frame_type(UInt32(frame.pointee.hd.type)) {
            case NGHTTP2_HEADERS: handler.streams[frame.pointee.hd.stream_id]?.isSent = true
            case NGHTTP2_GOAWAY: handler.goAwaySent(frame.pointee.goaway.error_code)
            default: break
            }
            return 0
        }
    }

    /// How a request's body is asked for its bytes.
    static func source(of stream: HTTP2ClientStream) -> nghttp2_data_provider {
        nghttp2_data_provider(
            // Not retained: the handler keeps the stream until nghttp2 has closed it.
            source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()),
            read_callback: { _, _, target, length, flags, source, _ in
                guard let flags, let target, let pointer = source?.pointee.ptr else {
                    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
                }
                let stream = Unmanaged<HTTP2ClientStream>.fromOpaque(pointer).takeUnretainedValue()
                let count = stream.body.readWithUnsafeReadableBytes { bytes in
                    let count = min(length, bytes.count)
                    if let start = bytes.baseAddress, count > 0 {
                        UnsafeMutableRawPointer(target).copyMemory(from: start, byteCount: count)
                    }
                    return count
                }
                if stream.body.readableBytes == 0 { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
                return count
            })
    }
}

// At file scope, since a C function pointer can't capture the type that a static member would be looked up in.

private var failure: Int32 { NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }

private func handler(_ data: UnsafeMutableRawPointer?) -> HTTP2ClientHandler? {
    data.map { Unmanaged<HTTP2ClientHandler>.fromOpaque($0).takeUnretainedValue() }
}
