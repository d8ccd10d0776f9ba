internal import CNghttp2

/// Error codes this side sends or acts upon (RFC 9113 §7).
enum HTTP2Code: UInt32 {
    case noError = 0x0
    case protocolError = 0x1
    case internalError = 0x2
    case refusedStream = 0x7
    case cancel = 0x8
    case enhanceYourCalm = 0xB
}

/// An `nghttp2_session`, freed with its owner. Used on one event loop.
///
/// nghttp2's rules: never send, receive or free inside one of its callbacks; submitting there is fine.
final class HTTP2Session {
    let pointer: OpaquePointer

    /// A server's session; its callbacks get `owner`, which owns it and is not retained.
    init(owner: HTTP2Connection, limits: ServerLimits) throws(TransportError) {
        pointer = try Self.make(nghttp2_session_server_new2, Unmanaged.passUnretained(owner).toOpaque()) {
            Self.set($0, limits)
            HTTP2Callbacks.set($1)
        }
        try submitSettings(limits)
    }

    /// A client's session; its callbacks get `owner`, which owns it and is not retained.
    init(client owner: HTTP2ClientHandler, _ limits: HTTPClientConfiguration) throws(TransportError) {
        pointer = try Self.make(nghttp2_session_client_new2, Unmanaged.passUnretained(owner).toOpaque()) {
            Self.setCommon($0, headerListBytes: limits.maximumHeaderListBytes)
            // Nothing is taken that a server pushes before it has read our SETTINGS.
            nghttp2_option_set_max_reserved_remote_streams($0, 0)
            HTTP2ClientCallbacks.set($1)
        }
        try submit(
            [
                (NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
                (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
                (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maximumHeaderListBytes),
            ], connectionWindow: 1 << 30)
    }

    private typealias Constructor = (
        UnsafeMutablePointer<OpaquePointer?>?, OpaquePointer?, UnsafeMutableRawPointer?, OpaquePointer?
    ) -> Int32

    private static func make(
        _ constructor: Constructor, _ owner: UnsafeMutableRawPointer,
        _ set: (_ options: OpaquePointer, _ callbacks: OpaquePointer) -> Void
    ) throws(TransportError) -> OpaquePointer {
        var options: OpaquePointer?
        var callbacks: OpaquePointer?
        nghttp2_option_new(&options)
        nghttp2_session_callbacks_new(&callbacks)
        defer {
            nghttp2_option_del(options)
            nghttp2_session_callbacks_del(callbacks)
        }
        guard let options, let callbacks else { throw fault("out of memory") }
        set(options, callbacks)
        var session: OpaquePointer?
        let result = constructor(&session, callbacks, owner, options)
        guard result == 0, let session else { throw fault(text(result)) }
        return session
    }

    deinit { nghttp2_session_del(pointer) }

    private static func set(_ options: OpaquePointer, _ limits: ServerLimits) {
        setCommon(options, headerListBytes: limits.headerListBytes)
        // Counted by HTTP2Connection, which says ENHANCE_YOUR_CALM; nghttp2 would say INTERNAL_ERROR.
        nghttp2_option_set_stream_reset_rate_limit(options, UInt64(1) << 40, UInt64(1) << 40)
    }

    private static func setCommon(_ options: OpaquePointer, headerListBytes: Int) {
        // Windows open as handlers and callers read.
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        // 16 KiB frames are what peers use whatever we allow; a few more, so that our limit is met and not nghttp2's.
        nghttp2_option_set_max_continuations(options, headerListBytes / 16_384 + 4)
        nghttp2_option_set_max_outbound_ack(options, 1000)
        nghttp2_option_set_max_send_header_block_length(options, 1 << 20)
    }

    private func submitSettings(_ limits: ServerLimits) throws(TransportError) {
        let window = min(
            limits.connectionWindowBytes,
            limits.streamWindowBytes.multipliedReportingOverflow(by: limits.concurrentStreams).partialValue)
        try submit(
            [
                (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreams),
                (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
                (NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frameBytes),
                (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytes),
                // No priority tree (RFC 9218 §2.1): nothing to flood, nothing to keep.
                (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
            ], connectionWindow: window)
    }

    private func submit(_ values: [(nghttp2_settings_id, Int)], connectionWindow window: Int) throws(TransportError) {
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
