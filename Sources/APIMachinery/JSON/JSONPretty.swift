/// Pretty printing, as Go's `json.Indent(_, "", "  ")`: bytes to bytes, nothing decoded.
public enum JSONPretty {
    /// As ``JSONIndenter``, of the whole text at once.
    public static func indent(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count + text.count / 2)
        var indenter = JSONIndenter()
        indenter.append(text, to: &out)
        return out
    }
}
