internal import CNghttp2

/// Error codes this server sends (RFC 9113 §7).
enum HTTP2Code: UInt32 {
    case noError = 0x0
    case internalError = 0x2
    case refusedStream = 0x7
    case cancel = 0x8
    case enhanceYourCalm = 0xB
}

/// An `nghttp2_session` of a server, freed with its owner. Used on one event loop.
///
/// nghttp2's rules: never send, receive or free inside one of its callbacks; submitting there is fine.
final class HTTP2Session {
    let pointer: OpaquePointer

    /// A session whose callbacks get `owner`, which owns it and is not retained.
    init(owner: HTTP2Connection, limits: ServerLimits) throws(TransportError) {
        var options: OpaquePointer?
        var callbacks: OpaquePointer?
        nghttp2_option_new(&options)
        nghttp2_session_callbacks_new(&callbacks)
        defer {
            nghttp2_option_del(options)
            nghttp2_session_callbacks_del(callbacks)
        }
        guard let options, let callbacks else { throw Self.fault("out of memory") }
        Self.set(options, limits)
        HTTP2Callbacks.set(callbacks)
        var session: OpaquePointer?
        let result = nghttp2_session_server_new2(
            &session, callbacks, Unmanaged.passUnretained(owner).toOpaque(), options)
        guard result == 0, let session else { throw Self.fault(Self.text(result)) }
        pointer = session
        try submitSettings(limits)
    }

    deinit { nghttp2_session_del(pointer) }

    private static func set(_ options: OpaquePointer, _ limits: ServerLimits) {
        // Windows open as handlers read.
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        // 16 KiB frames are what clients use whatever we allow; a few more, so that the answer is 431 and not a GOAWAY.
        nghttp2_option_set_max_continuations(options, limits.headerListBytes / 16_384 + 4)
        // Counted by HTTP2Connection, which says ENHANCE_YOUR_CALM; nghttp2 would say INTERNAL_ERROR.
        nghttp2_option_set_stream_reset_rate_limit(options, UInt64(1) << 40, UInt64(1) << 40)
        nghttp2_option_set_max_outbound_ack(options, 1000)
        nghttp2_option_set_max_send_header_block_length(options, 1 << 20)
    }

    private func submitSettings(_ limits: ServerLimits) throws(TransportError) {
        let window = min(
            limits.connectionWindowBytes,
            limits.streamWindowBytes.multipliedReportingOverflow(by: limits.concurrentStreams).partialValue)
        let values: [(nghttp2_settings_id, Int)] = [
            (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreams),
            (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
            (NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frameBytes),
            (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytes),
            // No priority tree (RFC 9218 §2.1): nothing to flood, nothing to keep.
            (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ]
        let entries = values.map {
            nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: UInt32(clamping: $0.1))
        }
        var result = nghttp2_submit_settings(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
        if result == 0 {
            result = nghttp2_session_set_local_window_size(
                pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(clamping: max(window, 65_535)))
        }
        guard result == 0 else { throw Self.fault(Self.text(result)) }
    }

    private static func fault(_ text: String) -> TransportError {
        TransportError(.configuration, "nghttp2 gives no session: \(text)")
    }

    /// nghttp2's words for an error.
    static func text(_ code: some BinaryInteger) -> String {
        String(cString: nghttp2_strerror(Int32(truncatingIfNeeded: code)))
    }

    /// Whether the session has nothing more to read or write.
    var isOver: Bool { nghttp2_session_want_read(pointer) == 0 && nghttp2_session_want_write(pointer) == 0 }
}
