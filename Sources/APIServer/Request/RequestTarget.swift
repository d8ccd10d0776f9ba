/// The request-target of a request (RFC 9112 §3.2), its path decoded **once**: what authorization and routing both read.
///
/// | accepted | path | query |
/// |---|---|---|
/// | `/apis/g/v1/r?a=b` | `/apis/g/v1/r` | `a=b` |
/// | `/a%2Fb` | `/a/b` (so a segment can become two, as kube-apiserver forwards it) | |
/// | `//a/../b` | unchanged: nothing is normalised, ever | |
/// | `https://host/a?b` (absolute form) | `/a` | `b` |
/// | `*` (OPTIONS) | `*` | |
///
/// Refused, as Go's `url.ParseRequestURI` refuses: empty, not starting with `/`, a control character, `%` without two hex
/// digits. Refused besides: a path whose decoded bytes are no UTF-8 (Go would carry them on; they name nothing here).
/// `+` stays `+` in a path. NUL, `/`, `%`, `.` and `..` in names are refused later, by routing, never reinterpreted.
public struct RequestTarget: Sendable, Equatable {
    /// The decoded path.
    public let path: String
    /// What follows the first `?`, still encoded; nil without `?`.
    public let query: String?

    /// Why a target was refused.
    public struct Malformed: Error, Sendable, Equatable {
        /// What is wrong, with the place.
        public let message: String
    }

    /// Reads `target` as sent.
    public init(_ target: String) throws(Malformed) {
        var target = target
        let result = target.withUTF8 { Self.parse($0) }
        self = try result.get()
    }

    private init(path: String, query: String?) {
        self.path = path
        self.query = query
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<RequestTarget, Malformed> {
        if bytes.isEmpty { return .failure(Malformed(message: "the request-target is empty")) }
        if let at = bytes.firstIndex(where: { $0 < 0x20 || $0 == 0x7F }) {
            return .failure(Malformed(message: "the request-target has a control character at byte \(at)"))
        }
        let start = pathStart(bytes)
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let query = end < bytes.endIndex ? String(decoding: bytes[(end + 1)...], as: UTF8.self) : nil
        let raw = bytes[start..<end]
        if raw.isEmpty && start > 0 { return .success(RequestTarget(path: "/", query: query)) }
        guard raw.first == UInt8(ascii: "/") || raw.elementsEqual([UInt8(ascii: "*")]) else {
            return .failure(Malformed(message: "the request-target does not begin with /"))
        }
        return decode(raw).map { RequestTarget(path: $0, query: query) }
    }

    /// Where the path begins: behind the authority of an absolute form, else at 0.
    private static func pathStart(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard bytes.first != UInt8(ascii: "/") else { return 0 }
        for scheme in ["https://", "http://"] where bytes.count >= scheme.utf8.count {
            let prefix = bytes.prefix(scheme.utf8.count)
            guard zip(prefix, scheme.utf8).allSatisfy({ ($0 | 0x20) == $1 || $0 == $1 }) else { continue }
            let authority = bytes[scheme.utf8.count...]
            return authority.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.endIndex
        }
        return 0
    }

    private static func decode(_ raw: Slice<UnsafeBufferPointer<UInt8>>) -> Result<String, Malformed> {
        guard raw.contains(where: { $0 == UInt8(ascii: "%") || $0 >= 0x80 }) else {
            return .success(String(decoding: raw, as: UTF8.self))
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard raw.endIndex - index >= 2, let high = hexValue(raw[index]), let low = hexValue(raw[index + 1]) else {
                return .failure(Malformed(message: "the request-target has a bad escape at byte \(index - 1)"))
            }
            decoded.append(high << 4 | low)
            index += 2
        }
        guard let path = String(validating: decoded, as: UTF8.self) else {
            return .failure(Malformed(message: "the decoded path is not valid UTF-8"))
        }
        return .success(path)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
