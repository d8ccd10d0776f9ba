/// Indents JSON that comes in pieces, as Go's `json.Indent(_, "", "  ")` indents the whole: two spaces per level, one member or
/// element a line, `{}` and `[]` when empty, a space after the colon. Whitespace outside strings is dropped first.
///
/// A piece may end anywhere, inside a string too. The text must be JSON; of anything else it makes something as wrong, but
/// never fails.
public struct JSONIndenter: Sendable {
    private var depth = 0
    private var inString = false
    private var afterBackslash = false
    private var justOpened = false

    /// At the start of a text.
    public init() {}

    /// Appends `piece`, indented, to `out`.
    public mutating func append(_ piece: [UInt8], to out: inout [UInt8]) {
        for byte in piece {
            if inString {
                out.append(byte)
                passString(byte)
            } else if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 {
                pass(byte, &out)
            }
        }
    }

    private mutating func passString(_ byte: UInt8) {
        if afterBackslash {
            afterBackslash = false
        } else if byte == UInt8(ascii: "\\") {
            afterBackslash = true
        } else if byte == UInt8(ascii: "\"") {
            inString = false
        }
    }

    private mutating func pass(_ byte: UInt8, _ out: inout [UInt8]) {
        let closes = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        if closes {
            depth = max(depth - 1, 0)
            if !justOpened { newline(&out) }
        } else if justOpened {
            newline(&out)
        }
        justOpened = false
        out.append(byte)
        switch byte {
        case UInt8(ascii: "\""): inString = true
        case UInt8(ascii: ":"): out.append(UInt8(ascii: " "))
        case UInt8(ascii: ","): newline(&out)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            justOpened = true
        default: break
        }
    }

    private func newline(_ out: inout [UInt8]) {
        out.append(UInt8(ascii: "\n"))
        for _ in 0..<depth {
            out.append(UInt8(ascii: " "))
            out.append(UInt8(ascii: " "))
        }
    }
}
