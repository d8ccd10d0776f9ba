internal import COpenSSL

/// One certificate and key with the server's policy: an `SSL_CTX`, never changed after it is made.
final class TLSContext: @unchecked Sendable {  // C wrapper: SSL_CTX counts its references atomically
    // SSL_CTX is reference counted and thread-safe for SSL_new; nothing here mutates it after init.
    let pointer: OpaquePointer
    let bio: BufferBIO

    /// Reads the files and applies the policy.
    ///
    /// Throws `.badCertificate` for a file that can't be read or a key that doesn't match, `.configuration` for an unknown
    /// cipher suite (all of them at once).
    init(_ configuration: TLSConfiguration) throws(TransportError) {
        OpenSSLError.clear()
        bio = try BufferBIO()
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw TransportError(.configuration, "OpenSSL gives no context: \(OpenSSLError.take())")
        }
        pointer = context
        // A throwing init of a class runs deinit once all properties are set: no leak from here on.
        shim_SSL_CTX_set_transport_modes(context)
        shim_SSL_CTX_set_server_options(context)
        let oldest = configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        guard shim_SSL_CTX_set_min_proto_version(context, oldest) == 1 else {
            throw TransportError(
                .configuration, "OpenSSL refuses \(configuration.minimumVersion.rawValue): \(OpenSSLError.take())")
        }
        try Self.setCipherSuites(configuration.cipherSuites, context)
        try Self.setCertificate(configuration, context)
        try Self.setSessions(context)
        Self.setClientCertificates(context)
        Self.setApplicationProtocols(context)
    }

    deinit { SSL_CTX_free(pointer) }

    // MARK: certificate

    private static func setCertificate(_ configuration: TLSConfiguration, _ context: OpaquePointer)
        throws(TransportError)
    {
        // Without this OpenSSL asks the terminal for the password of an encrypted key.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        guard SSL_CTX_use_certificate_chain_file(context, configuration.certificateFile) == 1 else {
            throw TransportError(
                .badCertificate, "can't use certificate file \(configuration.certificateFile): \(OpenSSLError.take())")
        }
        guard SSL_CTX_use_PrivateKey_file(context, configuration.privateKeyFile, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context) == 1
        else {
            throw TransportError(
                .badCertificate,
                "can't use private key file \(configuration.privateKeyFile) with certificate file "
                    + "\(configuration.certificateFile): \(OpenSSLError.take())")
        }
    }

    // MARK: policy

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

    private static func openSSLName(_ name: String) -> String? {
        guard name.hasPrefix("TLS_"), let found = OPENSSL_cipher_name(name) else { return nil }
        let text = String(cString: found)
        return text == "(NONE)" ? nil : text
    }

    private static func setSessions(_ context: OpaquePointer) throws(TransportError) {
        // Tickets carry the state; a cache of the server's would keep 20,000 sessions. Without an id context every
        // resumed handshake with SSL_VERIFY_PEER fails.
        shim_SSL_CTX_session_cache_off(context)
        let id = Array("profefe".utf8)
        guard SSL_CTX_set_session_id_context(context, id, UInt32(id.count)) == 1 else {
            throw TransportError(.configuration, "OpenSSL refuses the session id context: \(OpenSSLError.take())")
        }
        SSL_CTX_set_num_tickets(context, 1)
        // Every name is accepted; only an accepted one is kept in the ticket for resumed sessions of TLS 1.2.
        shim_SSL_CTX_set_servername_callback(context) { _, _, _ in SSL_TLSEXT_ERR_OK }
    }

    private static func setClientCertificates(_ context: OpaquePointer) {
        // Ask for a certificate, take none or any: authenticators verify later.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_cert_verify_callback(
            context,
            { store, _ in
                guard let store, let data = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
                else { return 0 }
                TLSSession.keepPresentedChain(ssl: OpaquePointer(data), store: store)
                X509_STORE_CTX_set_error(store, X509_V_OK)
                return 1
            }, nil)
    }

    private static func setApplicationProtocols(_ context: OpaquePointer) {
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, out, outLength, offered, count, _ in
                guard let out, let outLength, let offered else { return SSL_TLSEXT_ERR_NOACK }
                let list = UnsafeBufferPointer(start: offered, count: Int(count))
                for wanted in ["h2", "http/1.1"] {
                    guard let range = ALPN.find(wanted, in: list) else { continue }
                    // Points into the client's list, which OpenSSL copies from before it goes away.
                    out.pointee = offered + range.lowerBound
                    outLength.pointee = UInt8(truncatingIfNeeded: range.count)
                    return SSL_TLSEXT_ERR_OK
                }
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }, nil)
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
