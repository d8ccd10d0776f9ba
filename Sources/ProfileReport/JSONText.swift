/// Writes JSON (RFC 8259) to the end of a text. What isn't allowed in XML or a script is escaped as well, so that the text can
/// stand in an SVG: `<`, `>`, `&`, U+2028, U+2029 and what is no character.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ body: (inout JSONText) -> Void) {
        open("{")
        body(&self)
        close("}")
    }

    mutating func array<Element>(_ elements: some Sequence<Element>, _ body: (inout JSONText, Element) -> Void) {
        open("[")
        for element in elements { body(&self, element) }
        close("]")
    }

    mutating func open(_ bracket: String) {
        separate()
        text += bracket
        needsComma = false
    }

    mutating func close(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    /// A member whose value is written next.
    mutating func beginMember(_ name: String) {
        value(name)
        text += ":"
        needsComma = false
    }

    mutating func member(_ name: String, _ body: (inout JSONText) -> Void) {
        beginMember(name)
        body(&self)
        needsComma = true
    }

    mutating func member(_ name: String, _ value: String) { member(name) { $0.value(value) } }

    mutating func member(_ name: String, _ value: Int64) { member(name) { $0.value(value) } }

    mutating func member(_ name: String, _ value: Bool) {
        member(name) { json in
            json.separate()
            json.text += value ? "true" : "false"
        }
    }

    mutating func value(_ value: Int64) {
        separate()
        text += String(value)
    }

    /// A finite number; integers without a point.
    mutating func number(_ value: Double) {
        separate()
        text += Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    mutating func value(_ value: String) {
        separate()
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{fffe}", "\u{ffff}", "\u{0}"..<" ", "\u{7f}"..."\u{9f}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + NumberText.pad(hex, 4, with: "0")
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private mutating func separate() {
        if needsComma { text += "," }
        needsComma = true
    }
}
