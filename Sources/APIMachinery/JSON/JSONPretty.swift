/// Pretty printing, as Go's `json.Indent(_, "", "  ")`: bytes to bytes, nothing decoded.
public enum JSONPretty {
    /// Two spaces per level, one member or element a line, `{}` and `[]` when empty, a space after the colon.
    /// Whitespace outside strings is dropped first. The text must be JSON; of anything else it makes something
    /// as wrong, but never fails.
    public static func indent(_ compact: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(compact.count + compact.count / 2)
        var depth = 0
        var at = 0
        var justOpened = false
        while at < compact.count {
            let byte = compact[at]
            if isWhitespace(byte) {
                at += 1
                continue
            }
            let closes = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
            if justOpened, !closes { newline(&out, depth) }
            let wasJustOpened = justOpened
            justOpened = false
            switch byte {
            case UInt8(ascii: "\""):
                let end = stringEnd(compact, from: at)
                out.append(contentsOf: compact[at..<end])
                at = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                out.append(byte)
                depth += 1
                justOpened = true
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(depth - 1, 0)
                if !wasJustOpened { newline(&out, depth) }
                out.append(byte)
            case UInt8(ascii: ","):
                out.append(byte)
                newline(&out, depth)
            case UInt8(ascii: ":"):
                out.append(byte)
                out.append(UInt8(ascii: " "))
            default:
                out.append(byte)
            }
            at += 1
        }
        return out
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func newline(_ out: inout [UInt8], _ depth: Int) {
        out.append(0x0A)
        for _ in 0..<depth {
            out.append(0x20)
            out.append(0x20)
        }
    }

    /// Behind the closing quote of the string that opens at `start`.
    private static func stringEnd(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start + 1
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\") {
                at += 2
            } else if bytes[at] == UInt8(ascii: "\"") {
                return at + 1
            } else {
                at += 1
            }
        }
        return bytes.count
    }
}
