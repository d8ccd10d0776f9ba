internal import COpenSSL

/// One TLS policy and identity: an `SSL_CTX`, never changed after it is made. Its users retain it.
///
/// `TLSContext+Server.swift` and `TLSContext+Client.swift` make them.
final class TLSContext: @unchecked Sendable {  // C wrapper: SSL_CTX counts its references atomically
    // SSL_CTX is reference counted and thread-safe for SSL_new; nothing here mutates it after init.
    let pointer: OpaquePointer
    let bio: BufferBIO
    /// A client's resumable sessions; nothing is ever put into a server's.
    let sessions = TLSSessionCache()

    /// A context with what both sides have in common.
    ///
    /// Throws `.configuration` for an unknown cipher suite (all of them at once).
    init(method: OpaquePointer?, minimumVersion: TLSVersion, cipherSuites: [String]) throws(TransportError) {
        OpenSSLError.clear()
        bio = try BufferBIO()
        guard let context = SSL_CTX_new(method) else {
            throw TransportError(.configuration, "OpenSSL gives no context: \(OpenSSLError.take())")
        }
        pointer = context
        // A throwing init of a class runs deinit once all properties are set: no leak from here on.
        shim_SSL_CTX_set_transport_modes(context)
        // Without this OpenSSL asks the terminal for the password of an encrypted key.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        let oldest = minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        guard shim_SSL_CTX_set_min_proto_version(context, oldest) == 1 else {
            throw TransportError(
                .configuration, "OpenSSL refuses \(minimumVersion.rawValue): \(OpenSSLError.take())")
        }
        try Self.setCipherSuites(cipherSuites, context)
    }

    deinit { SSL_CTX_free(pointer) }

    // MARK: cipher suites

    private static let defaultSuites12 = "ECDHE+AESGCM:ECDHE+CHACHA20"
    private static let suites13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

    private static func setCipherSuites(_ names: [String], _ context: OpaquePointer) throws(TransportError) {
        let new = names.filter { suites13.contains($0) }
        let old = names.filter { !suites13.contains($0) }.map { ($0, openSSLName($0)) }
        let unknown = old.filter { $0.1 == nil }.map(\.0)
        guard unknown.isEmpty else {
            throw TransportError(.configuration, "unknown cipher suites: \(unknown.joined(separator: ", "))")
        }
        let list12 = old.isEmpty ? defaultSuites12 : old.compactMap(\.1).joined(separator: ":")
        let list13 = (new.isEmpty ? suites13 : new).joined(separator: ":")
        guard SSL_CTX_set_cipher_list(context, list12) == 1, SSL_CTX_set_ciphersuites(context, list13) == 1 else {
            throw TransportError(.configuration, "OpenSSL refuses the cipher suites \(names): \(OpenSSLError.take())")
        }
    }

    static func knows(cipherSuite name: String) -> Bool { suites13.contains(name) || openSSLName(name) != nil }

    private static func openSSLName(_ name: String) -> String? {
        guard name.hasPrefix("TLS_"), let found = OPENSSL_cipher_name(name) else { return nil }
        let text = String(cString: found)
        return text == "(NONE)" ? nil : text
    }
}

/// Application-Layer Protocol Negotiation (RFC 7301).
enum ALPN {
    /// Where `name` stands in a list of length-prefixed names; nil if it isn't there or the list is broken.
    static func find(_ name: String, in list: some RandomAccessCollection<UInt8>) -> Range<Int>? {
        let bytes = Array(list)
        var index = 0
        while index < bytes.count {
            let end = index + 1 + Int(bytes[index])
            guard end <= bytes.count else { return nil }
            if bytes[(index + 1)..<end].elementsEqual(name.utf8) { return (index + 1)..<end }
            index = end
        }
        return nil
    }
}
