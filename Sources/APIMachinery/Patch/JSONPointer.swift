/// A place in a JSON document (RFC 6901): `/metadata/labels/a~1b`.
public struct JSONPointer: Sendable, CustomStringConvertible {
    /// The steps from the root, unescaped; none for the whole document.
    public let tokens: [String]

    /// Nil unless the text is empty or begins with `/`, and every `~` in it is `~0` or `~1`.
    public init?(_ text: String) {
        var bytes = text.utf8.makeIterator()
        guard let first = bytes.next() else {
            tokens = []
            return
        }
        guard first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        var token: [UInt8] = []
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "/"):
                tokens.append(String(decoding: token, as: UTF8.self))
                token.removeAll(keepingCapacity: true)
            case UInt8(ascii: "~"):
                switch bytes.next() {
                case UInt8(ascii: "0"): token.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): token.append(UInt8(ascii: "/"))
                default: return nil
                }
            default: token.append(byte)
            }
        }
        tokens.append(String(decoding: token, as: UTF8.self))
        self.tokens = tokens
    }

    /// The text form.
    public var description: String {
        tokens.map { token in
            var escaped = "/"
            for scalar in token.unicodeScalars {
                switch scalar {
                case "~": escaped += "~0"
                case "/": escaped += "~1"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return escaped
        }.joined()
    }

    /// Whether the other place lies inside of this one.
    func contains(_ other: JSONPointer) -> Bool {
        tokens.count < other.tokens.count && zip(tokens, other.tokens).allSatisfy { sameBytes($0, $1) }
    }

    /// The index that a token means in an array (RFC 6901 §4: digits, no leading zeros); nil if it is none.
    static func index(_ token: String) -> Int? {
        guard let first = token.utf8.first, token.utf8.allSatisfy(\.isDigit),
            first != UInt8(ascii: "0") || token.utf8.count == 1
        else { return nil }
        return Int(token)
    }
}
