internal import COpenSSL

/// The client's policy.
extension TLSContext {
    /// Reads what the configuration names. Blocks on the files.
    ///
    /// Throws `.badCertificate` for PEM that can't be read or a key that doesn't match.
    convenience init(client configuration: ClientTLSConfiguration) throws(TransportError) {
        try self.init(
            method: TLS_client_method(), minimumVersion: configuration.minimumVersion, cipherSuites: [])
        shim_SSL_CTX_set_client_modes(pointer)
        try Self.setTrust(configuration.trust, pointer)
        if let identity = configuration.identity { try Self.setIdentity(identity, pointer) }
        try Self.offer(configuration.offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"], pointer)
        Self.keepSessions(pointer)
    }

    // MARK: whom it believes

    private static func setTrust(_ trust: ClientTLSConfiguration.Trust, _ context: OpaquePointer)
        throws(TransportError)
    {
        switch trust {
        case .insecureSkipVerify:
            return SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        case .system:
            guard SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw TransportError(.badCertificate, "can't read the system's roots: \(OpenSSLError.take())")
            }
        case .authorities(let source):
            let pem = try source.read()
            do throws(TransportError) {
                let store = try TrustStore(pem: pem)
                // Counts one more reference; ours must live until it has.
                withExtendedLifetime(store) { SSL_CTX_set1_cert_store(context, store.pointer) }
            } catch {
                throw TransportError(error.code, "can't use the CA bundle of \(source.place): \(error.message)")
            }
        }
        let parameters = SSL_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        // As Go and RFC 9525: the names are those of subjectAltName, a wildcard is a whole label.
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_cert_verify_callback(
            context,
            { store, _ in
                guard let store else { return 0 }
                if X509_verify_cert(store) == 1 { return 1 }
                TLSClientHandshake.of(store)?.refusal = CertificateRefusal.text(store)
                return 0
            }, nil)
    }

    // MARK: who it is

    private static func setIdentity(_ identity: ClientTLSConfiguration.Identity, _ context: OpaquePointer)
        throws(TransportError)
    {
        try useCertificates(identity.certificate, context)
        let pem = try identity.privateKey.read()
        let place = identity.privateKey.place
        OpenSSLError.clear()
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else {
            throw TransportError(.badCertificate, "out of memory for \(place)")
        }
        defer { BIO_free(bio) }
        // The callback keeps OpenSSL from asking the terminal for a password.
        guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else {
            throw TransportError(.badCertificate, "can't use the private key of \(place): \(OpenSSLError.take())")
        }
        // The context counts a reference of its own.
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw TransportError(
                .badCertificate,
                "the private key of \(place) doesn't belong to the certificate of \(identity.certificate.place): "
                    + OpenSSLError.take())
        }
    }

    private static func useCertificates(_ source: PEMSource, _ context: OpaquePointer) throws(TransportError) {
        let pem = try source.read()
        OpenSSLError.clear()
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else {
            throw TransportError(.badCertificate, "out of memory for \(source.place)")
        }
        defer { BIO_free(bio) }
        var count = 0
        while let certificate = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) {
            let isUsed =
                count == 0
                ? SSL_CTX_use_certificate(context, certificate) : shim_SSL_CTX_add1_chain_cert(context, certificate)
            X509_free(certificate)
            count += 1
            guard isUsed == 1 else { break }
        }
        // The last read fails by "no start line" at the end of the text, else on a broken block.
        let isEnd = shim_ERR_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        let text = OpenSSLError.take()
        guard count > 0, isEnd else {
            throw TransportError(
                .badCertificate, "can't use certificate \(max(count, 1)) of \(source.place): \(text)")
        }
    }

    // MARK: what it speaks and keeps

    private static func offer(_ names: [String], _ context: OpaquePointer) throws(TransportError) {
        let list = names.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
        guard SSL_CTX_set_alpn_protos(context, list, UInt32(list.count)) == 0 else {
            throw TransportError(.configuration, "OpenSSL refuses the ALPN list: \(OpenSSLError.take())")
        }
    }

    private static func keepSessions(_ context: OpaquePointer) {
        SSL_CTX_sess_set_new_cb(context) { ssl, session in
            guard let ssl, let session, let client = TLSClientHandshake.of(ssl: ssl) else { return 0 }
            client.sessions.put(TLSResumption(owning: session), client.place)
            return 1  // The reference is ours now.
        }
        // Only asked where there is no certificate to present.
        SSL_CTX_set_client_cert_cb(context) { ssl, _, _ in
            if let ssl { TLSClientHandshake.of(ssl: ssl)?.lacksCertificate = true }
            return 0
        }
    }
}
