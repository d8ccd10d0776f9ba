internal import COpenSSL

/// Why a certificate was refused, in words that name what it has.
enum CertificateRefusal {
    /// The reason that `X509_verify_cert` left in `store`.
    static func text(_ store: OpaquePointer) -> String {
        let code = X509_STORE_CTX_get_error(store)
        guard let leaf = X509_STORE_CTX_get0_cert(store) else { return reason(code) }
        let depth = X509_STORE_CTX_get_error_depth(store)
        let certificate = X509_STORE_CTX_get_current_cert(store) ?? leaf
        switch code {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            let wanted = TLSClientHandshake.of(store)?.name ?? "the server's name"
            let names = names(leaf)
            return "it is valid for \(names.isEmpty ? "no name at all" : names), not for \(wanted)"
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "\(which(certificate, depth)), expired on \(time(X509_get0_notAfter(certificate)))"
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "\(which(certificate, depth)), is not valid before \(time(X509_get0_notBefore(certificate)))"
        default:
            return
                "\(reason(code)) (\(which(certificate, depth)), issued by \(name(X509_get_issuer_name(certificate))))"
        }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: X509_verify_cert_error_string(Int(code)))
    }

    private static func which(_ certificate: OpaquePointer, _ depth: Int32) -> String {
        let name = name(X509_get_subject_name(certificate))
        return depth == 0 ? "it, of \(name)" : "certificate \(depth) of its chain, of \(name)"
    }

    /// `DNS:a, IP Address:127.0.0.1`.
    private static func names(_ certificate: OpaquePointer) -> String {
        let index = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)
        guard index >= 0, let entry = X509_get_ext(certificate, index) else { return "" }
        return printed { X509V3_EXT_print($0, entry, 0, 0) }
    }

    private static func name(_ name: OpaquePointer?) -> String {
        guard let name else { return "nobody" }
        let text = printed { shim_X509_NAME_print($0, name) }
        return text.isEmpty ? "nobody" : text
    }

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> String { printed { ASN1_TIME_print($0, time) } }

    /// What OpenSSL prints, at most 500 bytes of visible text: it is the peer's.
    private static func printed(_ print: (OpaquePointer) -> Int32) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        guard print(bio) >= 0 else { return "" }
        var start: UnsafeMutablePointer<CChar>?
        let count = shim_BIO_get_mem_data(bio, &start)
        guard let start, count > 0 else { return "" }
        let bytes = UnsafeRawBufferPointer(start: start, count: min(count, 500))
        return String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: " ") }, as: UTF8.self)
    }
}
