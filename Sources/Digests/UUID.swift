/// UUIDs named by what they stand for (RFC 9562 §5.5).
public struct UUIDv5 {
    /// The namespaces of RFC 9562 §6.6, as bytes.
    public enum Namespace {
        /// Of domain names.
        public static let dns = bytes(0x10)
        /// Of URLs.
        public static let url = bytes(0x11)
        /// Of object identifiers.
        public static let oid = bytes(0x12)

        private static func bytes(_ kind: UInt8) -> [UInt8] {
            [0x6B, 0xA7, 0xB8, kind, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8]
        }
    }

    /// Always the same text for the same namespace and name.
    public static func make(namespace: [UInt8], name: String) -> String {
        uuidText(Array(SHA1.digest(namespace + Array(name.utf8)).prefix(16)), version: 5)
    }
}

/// The UUID of version 5 of `name` inside a namespace of 16 bytes.
public func uuidV5(namespace: [UInt8], name: String) -> String {
    UUIDv5.make(namespace: namespace, name: name)
}

/// A random UUID (RFC 9562 §5.4), 36 lower-case characters.
public func uuidV4() -> String {
    uuidText(RandomBytes.make(16), version: 4)
}

/// 16 bytes as text, version and variant put in.
private func uuidText(_ random: [UInt8], version: UInt8) -> String {
    var bytes = random
    bytes[6] = bytes[6] & 0x0F | version << 4
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = hex(bytes)
    var text = ""
    text.reserveCapacity(36)
    for (at, digit) in digits.utf8.enumerated() {
        if at == 8 || at == 12 || at == 16 || at == 20 { text += "-" }
        text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
}
