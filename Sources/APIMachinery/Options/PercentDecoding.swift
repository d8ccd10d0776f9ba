/// Percent encoding of URLs (RFC 3986 §2.1).
public enum PercentDecoding {
    /// Decodes `%XX`, and `+` to a space if asked. Bytes that aren't UTF-8 become U+FFFD.
    ///
    /// Accepted: `a%20b`, `%2F`, `%2f`. Refused (nil): `%`, `%2`, `%zz`.
    public static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        self.bytes(bytes, plusIsSpace).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Decodes `%XX`; nil if an escape is malformed or the bytes aren't UTF-8.
    public static func decodeExactly(_ text: String) -> String? {
        bytes(text.utf8, false).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func bytes(_ bytes: some Collection<UInt8>, _ plusIsSpace: Bool) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        return decoded
    }

    /// Decodes the text of a path segment or path; nil if an escape is malformed.
    public static func decode(_ text: String) -> String? {
        text.utf8.contains(UInt8(ascii: "%")) ? decode(text.utf8) : text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
