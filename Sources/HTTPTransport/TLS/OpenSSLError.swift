internal import COpenSSL

/// OpenSSL's error queue of this thread.
enum OpenSSLError {
    /// Empties the queue; to be called before a call whose failure is to be explained.
    static func clear() { ERR_clear_error() }

    /// Takes the whole queue as one text, oldest first; empty if OpenSSL says nothing.
    static func take() -> String {
        var lines: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            var text = [CChar](repeating: 0, count: 256)
            let reason = ERR_reason_error_string(code).map { String(cString: $0) }
            if reason == nil { ERR_error_string_n(code, &text, text.count) }
            lines.append(
                reason ?? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return lines.joined(separator: "; ")
    }
}
