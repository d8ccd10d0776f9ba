internal import COpenSSL

/// What a client wants of one handshake, and what OpenSSL's callbacks learn. Used on one event loop.
final class TLSClientHandshake {
    /// `host:port`, for messages and for the sessions.
    let place: String
    /// What the certificate must be valid for: a DNS name, or an IP address.
    let name: String
    let sessions: TLSSessionCache
    /// Why the server's certificate is not trusted.
    var refusal: String?
    /// The server asked for a certificate and there is none.
    var lacksCertificate = false

    init(place: String, name: String, sessions: TLSSessionCache) {
        self.place = place
        // A zone is of this machine only; a trailing dot is no part of a certificate's name.
        let plain = name.split(separator: "%", maxSplits: 1).first.map(String.init) ?? name
        self.name = plain.hasSuffix(".") ? String(plain.dropLast()) : plain
        self.sessions = sessions
    }

    /// Sets server name, the name to verify, and the session to resume.
    func prepare(_ ssl: OpaquePointer) throws(TransportError) {
        OpenSSLError.clear()
        let parameters = SSL_get0_param(ssl)
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) != 1 {
            OpenSSLError.clear()
            // SNI holds names only (RFC 6066 §3).
            guard X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1, shim_SSL_set_host_name(ssl, name) == 1 else {
                throw TransportError(.configuration, "server name \(name.debugDescription): \(OpenSSLError.take())")
            }
        }
        // Counts a reference of its own; a session that doesn't fit is not used, that's all.
        if let session = sessions.take(place) {
            withExtendedLifetime(session) { _ = SSL_set_session(ssl, session.pointer) }
        }
        OpenSSLError.clear()
    }

    /// The error for people, of what OpenSSL says: `reason` is that of its last error.
    func failure(_ code: TransportError.Code, reason: Int32, _ text: String) -> TransportError {
        if let refusal {
            return TransportError(.badCertificate, "the certificate of \(place) is not trusted: \(refusal)")
        }
        let aboutUs = Self.certificateAlerts.contains(reason)
        if lacksCertificate, aboutUs || reason == Self.handshakeFailureAlert {
            return TransportError(.handshakeFailed, "\(place) demands a client certificate: \(text)")
        }
        if aboutUs { return TransportError(.handshakeFailed, "\(place) refuses the client certificate: \(text)") }
        return TransportError(code, "TLS with \(place): \(text)")
    }

    /// SSL_AD_REASON_OFFSET, 1000, and the alert (RFC 8446 §6): those that say something of the certificate that was presented.
    private static let certificateAlerts: Set<Int32> = [1042, 1043, 1044, 1045, 1046, 1048, 1049, 1116]
    private static let handshakeFailureAlert: Int32 = 1040

    /// The handshake of a session, where it is a client's.
    static func of(ssl: OpaquePointer) -> TLSClientHandshake? {
        SSL_get_ex_data(ssl, 0).flatMap { Unmanaged<TLSBytes>.fromOpaque($0).takeUnretainedValue().client }
    }

    /// The handshake whose certificates are verified.
    static func of(_ store: OpaquePointer) -> TLSClientHandshake? {
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()).flatMap { of(ssl: OpaquePointer($0)) }
    }
}
