import TestSupport

@testable import APIMachinery

/// What means something in JSON or YAML, for mutations.
let jsonMarks = "{}[]:,\"\\&*<-|>%@ \n\t0eEu.".utf8.map { [$0] }

/// Values of every kind, with the strings that trip writers.
struct RandomJSON {
    var random: SeededRandom

    private static let strings = [
        "", " ", "a", "true", "no", "y", "~", "null", "1", "-1", "0x1F", "017", "08", "1e3", ".5", "1:30", "2024-01-01",
        "2024-01-01T00:00:00Z", "- a", "a: b", "a #b", "#a", "&a", "*a", "!t", "|", ">", "%d", "@x", "`x", "'", "\"",
        "\\",
        "[", "]", "{", "}", ",", "?", ":", "-", "---", "...", "<<", "=", "a\nb", "a\n", "\n", "\n\n", " \n", "\na",
        "  a\nb",
        "a\n\n", "a \nb", "a\tb", "\ta", "a\r\nb", "a\u{85}b", "a\u{2028}b", "\u{FEFF}a", "\u{0}", "\u{7F}", "\u{1F}",
        "é",
        "e\u{301}", "日本語", "🚀", "a ", " a", "key: |\n  x\n", ".inf", "-.INF", ".nan", "0o17", "1_000", "_1", "+1", "0",
        "-0",
        "a: \n- b", "\t", "a\n\tb", "a\n  b\nc", "x\n#y\n", "-\n", "{}", "[]", "0b11",
    ]

    mutating func string() -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let scalars = (0..<Int.random(in: 0...120, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0x20...0x7E, using: &random))
            }
            return String(String.UnicodeScalarView(scalars))
        case 1:
            let words = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                ["a", "", "bcd", "\n", "  ", "ef:", "# g", "- h", "\té"].randomElement(using: &random) ?? ""
            }
            return words.joined(separator: " ")
        default: return RandomJSON.strings.randomElement(using: &random) ?? ""
        }
    }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 7 : 11), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .integer(Int64.random(in: -100...100, using: &random))
        case 4:
            let double = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
            guard let literal = GoFloat.jsonLiteral(double), Int64(literal) == nil else { return .null }
            return .number(JSONNumber(checked: literal))
        case 5, 6: return .string(string())
        case 7, 8:
            return .array((0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in (string(), value(depth: depth + 1)) }))
        }
    }
}
