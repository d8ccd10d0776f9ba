internal import COpenSSL

/// The attributes of an X.501 name.
enum DistinguishedName {
    /// The values of an attribute, by dotted object identifier, in order; UTF-8.
    static func values(_ name: OpaquePointer?, _ identifier: String) -> [String] {
        guard let name, let object = OBJ_txt2obj(identifier, 1) else { return [] }
        defer { ASN1_OBJECT_free(object) }
        var values: [String] = []
        var index = X509_NAME_get_index_by_OBJ(name, object, -1)
        while index >= 0 {
            if let text = text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))) { values.append(text) }
            index = X509_NAME_get_index_by_OBJ(name, object, index)
        }
        return values
    }

    /// The name in DER, to compare names by; empty for none.
    static func encoded(_ name: OpaquePointer?) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_NAME(name, &start)
        guard count > 0, let start else { return [] }
        defer { shim_OPENSSL_free(start) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string else { return nil }
        var start: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&start, string)
        guard count >= 0, let start else { return nil }
        defer { shim_OPENSSL_free(start) }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }
}
