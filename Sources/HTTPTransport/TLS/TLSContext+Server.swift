internal import COpenSSL

/// The server's policy.
extension TLSContext {
    /// Reads the files and applies the policy.
    ///
    /// Throws `.badCertificate` for a file that can't be read or a key that doesn't match, `.configuration` for an unknown
    /// cipher suite (all of them at once).
    convenience init(_ configuration: TLSConfiguration) throws(TransportError) {
        try self.init(
            method: TLS_server_method(), minimumVersion: configuration.minimumVersion,
            cipherSuites: configuration.cipherSuites)
        shim_SSL_CTX_set_server_options(pointer)
        try Self.setCertificate(configuration, pointer)
        try Self.setSessions(pointer)
        Self.setClientCertificates(pointer)
        Self.setApplicationProtocols(pointer)
    }

    private static func setCertificate(_ configuration: TLSConfiguration, _ context: OpaquePointer)
        throws(TransportError)
    {
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
