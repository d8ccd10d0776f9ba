internal import COpenSSL

extension TLSContext {
    /// The last valid second of the certificate, Unix time; nil if it can't be read.
    var certificateExpiry: Int64? {
        guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_STRING_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        // The certificate and its time belong to the context.
        guard let certificate = SSL_CTX_get0_certificate(pointer),
            ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1
        else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}
