// The text form of a step, a member's name in `fieldsV1`: `f:NAME`, `k:{"name":"a"}`, `v:"x"`, `i:3`.

extension PathElement {
    /// Why a member's name is no step.
    enum Fault: Error {
        /// Of a kind that isn't known; a later version may know it. To be left out.
        case unknownKind
        /// Not one at all.
        case malformed
    }

    /// Reads a step.
    init(encoded text: String) throws(Fault) {
        let bytes = text.utf8
        guard bytes.count >= 2, bytes.dropFirst().first == UInt8(ascii: ":") else { throw .malformed }
        let rest = bytes.dropFirst(2)
        switch bytes.first {
        case UInt8(ascii: "f"): self = .field(String(Substring(rest)))
        case UInt8(ascii: "v"): self = .value(try Self.value(rest))
        case UInt8(ascii: "k"):
            guard case .object(let members) = try Self.value(rest) else { throw .malformed }
            self = .key(members.sorted())
        case UInt8(ascii: "i"):
            guard let index = Int(Substring(rest)) else { throw .malformed }
            self = .index(index)
        default: throw .unknownKind
        }
    }

    private static func value(_ bytes: Substring.UTF8View) throws(Fault) -> JSONValue {
        guard let value = try? JSONValue.parse(Array(bytes)) else { throw .malformed }
        return value
    }

    /// The text form. Inside keys and values `<`, `>`, `&` and U+2028/9 are escaped, as Go's encoding/json does it: clients
    /// compare these texts.
    var encoded: String {
        switch self {
        case .field(let name): "f:\(name)"
        case .key(let members): "k:\(Self.goJSON(.object(members)))"
        case .value(let value): "v:\(Self.goJSON(value))"
        case .index(let index): "i:\(index)"
        }
    }

    private static func goJSON(_ value: JSONValue) -> String {
        let bytes = value.encoded()
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(where: { byte in escaped.contains(byte) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result += #"\u003c"#
            case ">": result += #"\u003e"#
            case "&": result += #"\u0026"#
            case "\u{2028}": result += #"\u2028"#
            case "\u{2029}": result += #"\u2029"#
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `<`, `>`, `&`, and the first byte of U+2028/9.
    private static let escaped: [UInt8] = [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0xE2]
}
