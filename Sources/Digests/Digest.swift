internal import COpenSSL

/// SHA-256 (FIPS 180-4), by the system's OpenSSL.
public enum SHA256 {
    /// 32 bytes.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        evpDigest(bytes, EVP_sha256(), length: 32)
    }

    /// 64 lower-case hexadecimal digits.
    public static func hex(_ bytes: [UInt8]) -> String {
        Digests.hex(digest(bytes))
    }
}

/// SHA-1 (FIPS 180-4), for UUIDs of version 5 and nothing that needs to resist an attacker.
public enum SHA1 {
    /// 20 bytes.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        evpDigest(bytes, EVP_sha1(), length: 20)
    }
}

/// HMAC with SHA-256 (RFC 2104), by the system's OpenSSL.
public enum HMACSHA256 {
    /// 32 bytes.
    public static func authenticationCode(for bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        // An empty array's address may be nil, which HMAC takes as "go on with the former key".
        let key = key.isEmpty ? [0] : key  // Padding a key with zero bytes doesn't change the code.
        var code = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let done = code.withUnsafeMutableBufferPointer { out in
            HMAC(EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, out.baseAddress, &length)
        }
        precondition(done != nil && length == 32, "OpenSSL has no HMAC-SHA256")
        return code
    }

    /// Whether `code` is the code of `bytes`; takes the same time wherever they differ.
    public static func isValid(_ code: [UInt8], for bytes: [UInt8], key: [UInt8]) -> Bool {
        let expected = authenticationCode(for: bytes, key: key)
        return code.count == expected.count && CRYPTO_memcmp(code, expected, expected.count) == 0
    }
}

/// One digest in one call. A failure is a broken installation of OpenSSL, never a matter of the bytes.
private func evpDigest(_ bytes: [UInt8], _ type: OpaquePointer?, length: Int) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: length)
    var written: UInt32 = 0
    let done = out.withUnsafeMutableBufferPointer { out in
        EVP_Digest(bytes, bytes.count, out.baseAddress, &written, type, nil)
    }
    precondition(done == 1 && written == length, "OpenSSL refused a digest of \(length) bytes")
    return out
}
