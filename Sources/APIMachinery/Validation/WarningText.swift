/// The values of `Warning` headers: `299 - "text"` (RFC 7234 §5.5, conformance 8.10).
public enum WarningText {
    /// The most characters of all warnings of one answer.
    public static let totalLimit = 4096
    /// What each is cut to when there are too many.
    public static let cutLimit = 256

    /// The header values for the warnings of one answer: each text once, in order; control characters become spaces.
    /// If all together are longer than 4096 characters each is cut to 256, and further ones are dropped at the total.
    public static func headerValues(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        let unique = texts.map(printable).filter { !$0.isEmpty && seen.insert($0).inserted }
        let total = unique.reduce(0) { $0 + $1.unicodeScalars.count }
        guard total > totalLimit else { return unique.map(header) }
        var rest = totalLimit
        var values: [String] = []
        for text in unique {
            let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(cutLimit)))
            rest -= cut.unicodeScalars.count
            if rest < 0 { break }
            values.append(header(cut))
        }
        return values
    }

    private static func header(_ text: String) -> String {
        var quoted = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return "299 - \"\(quoted)\""
    }

    private static func printable(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            clean.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(clean)
    }
}
