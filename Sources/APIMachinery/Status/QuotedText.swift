extension String {
    /// This text in double quotes with Go's escapes (`%q`), as Kubernetes prints values in its messages.
    ///
    /// Escaped are `"`, `\`, control characters (`\n`, `\x00`) and what isn't printable (`\u200b`, `\U000e0001`).
    public var quoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            if let short = Self.shortEscapes[scalar] {
                text += short
            } else if scalar.isPrintable {
                text.unicodeScalars.append(scalar)
            } else if scalar.value < 0x80 {
                text += "\\x" + Self.hexadecimal(scalar.value, digits: 2)
            } else if scalar.value < 0x10000 {
                text += "\\u" + Self.hexadecimal(scalar.value, digits: 4)
            } else {
                text += "\\U" + Self.hexadecimal(scalar.value, digits: 8)
            }
        }
        return text + "\""
    }

    /// This text with `&`, `<` and `>` as HTML entities: what a message does with names chosen by the user.
    public var htmlEscaped: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") })
        else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static let shortEscapes: [Unicode.Scalar: String] = [
        "\"": "\\\"", "\\": "\\\\", "\u{07}": "\\a", "\u{08}": "\\b", "\u{0C}": "\\f", "\n": "\\n", "\r": "\\r",
        "\t": "\\t", "\u{0B}": "\\v",
    ]

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}

extension Unicode.Scalar {
    /// Whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space.
    var isPrintable: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default: return true
        }
    }
}
