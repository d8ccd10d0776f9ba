internal import COpenSSL

/// Trust anchors: an `X509_STORE`, never changed after it is made.
final class TrustStore: @unchecked Sendable {  // C wrapper: X509_STORE locks itself
    // X509_verify_cert locks the store for lookups; nothing else touches it.
    let pointer: OpaquePointer

    /// Every certificate of the PEM text is trusted.
    ///
    /// - Parameter each: called with each, which it doesn't own.
    init(pem: [UInt8], each: (OpaquePointer) throws(TransportError) -> Void = { _ in }) throws(TransportError) {
        OpenSSLError.clear()
        pointer = try Self.empty()
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else {
            throw TransportError(.badCertificate, "out of memory")
        }
        defer { BIO_free(bio) }
        var count = 0
        while let certificate = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) {
            defer { X509_free(certificate) }
            X509_STORE_add_cert(pointer, certificate)
            try each(certificate)
            count += 1
        }
        // The last read always fails: by "no start line" at the end of the text, else on a broken block.
        let last = ERR_peek_last_error()
        let isEnd = shim_ERR_reason(last) == PEM_R_NO_START_LINE
        let text = OpenSSLError.take()
        guard isEnd else {
            throw TransportError(.badCertificate, "certificate \(count + 1) of the bundle can't be read: \(text)")
        }
        guard count > 0 else { throw TransportError(.badCertificate, "the bundle has no PEM certificate") }
    }

    /// Trusts this one certificate.
    init(only certificate: OpaquePointer) throws(TransportError) {
        pointer = try Self.empty()
        X509_STORE_add_cert(pointer, certificate)
    }

    private static func empty() throws(TransportError) -> OpaquePointer {
        guard let store = X509_STORE_new() else { throw TransportError(.badCertificate, "out of memory") }
        return store
    }

    deinit { X509_STORE_free(pointer) }
}
