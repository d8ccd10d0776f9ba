/// The rules for names of every kind, each answering what is wrong with a text: no message means that it is legal.
///
/// The scanners work on UTF-8 bytes and use no regular expressions; the messages print Kubernetes' own.
public enum Names {
    /// A rule: from a text to the messages of its faults.
    public typealias Rule = @Sendable (String) -> [String]

    /// The longest DNS-1123 label, label value, and name part of a label key, in bytes.
    public static let labelLimit = 63
    /// The longest DNS-1123 subdomain, in bytes.
    public static let subdomainLimit = 253

    /// RFC 1123 label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 bytes. Names of namespaces.
    public static func dns1123Label(_ text: String) -> [String] {
        var messages = tooLong(text, limit: labelLimit)
        if !isLabel(text.utf8[...]) {
            let mayNot = "must not contain dots"
            messages.append(isSubdomain(text) ? mayNot : Grammar.dnsLabel.message("my-name", "123-abc"))
        }
        return messages
    }

    /// RFC 1123 subdomain: labels joined by dots, at most 253 bytes. Names of most objects.
    public static func dns1123Subdomain(_ text: String) -> [String] {
        var messages = tooLong(text, limit: subdomainLimit)
        if !isSubdomain(text) { messages.append(Grammar.dnsSubdomain.message("example.com")) }
        return messages
    }

    /// A name that may stand as one segment of a path: not `.`, not `..`, no `/`, no `%`. Holds for every object.
    public static func pathSegment(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter(text.contains).map { "may not contain '\($0)'" }
    }

    /// `[prefix/]name`: the keys of labels and annotations, finalizers, the types of conditions.
    public static func qualifiedName(_ text: String) -> [String] {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else {
            return [
                "a qualified name \(Grammar.qualifiedName.message("MyName", "my.name", "123-abc"))"
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        var messages: [String] = []
        if parts.count == 2 {
            let prefix = String(Substring(parts[0]))
            let faults = prefix.isEmpty ? ["must be non-empty"] : dns1123Subdomain(prefix)
            messages += faults.map { "prefix part \($0)" }
        }
        if name.isEmpty {
            messages.append("name part must be non-empty")
        } else if name.count > labelLimit {
            messages.append("name part \(limitMessage(labelLimit))")
        }
        if !isQualified(name) {
            messages.append("name part \(Grammar.qualifiedName.message("MyName", "my.name", "123-abc"))")
        }
        return messages
    }

    /// The value of a label: empty, or as the name part of a key, at most 63 bytes.
    public static func labelValue(_ text: String) -> [String] {
        var messages = tooLong(text, limit: labelLimit)
        if !text.isEmpty, !isQualified(text.utf8[...]) {
            messages.append(Grammar.labelValue.message("MyValue", "my_value", "12345"))
        }
        return messages
    }

    /// The key of an annotation: as a label's, letter case not minded in the prefix.
    public static func annotationKey(_ text: String) -> [String] {
        qualifiedName(text.lowercased())
    }

    /// The message of a text that is longer than `limit` bytes.
    static func limitMessage(_ limit: Int) -> String { "must be no more than \(limit) bytes" }

    private static func tooLong(_ text: String, limit: Int) -> [String] {
        text.utf8.count > limit ? [limitMessage(limit)] : []
    }

    private static func isSubdomain(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    private static func isLabel(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return first.isLowerAlphanumeric && last.isLowerAlphanumeric
            && bytes.allSatisfy { $0.isLowerAlphanumeric || $0 == UInt8(ascii: "-") }
    }

    private static func isQualified(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        return first.isAlphanumeric && last.isAlphanumeric && bytes.allSatisfy { $0.isAlphanumeric || $0.isNameMark }
    }
}

/// What a rule says of a text that breaks it: the rule in words, and the expression that Kubernetes prints with it.
private struct Grammar {
    let words: String
    let expression: String

    func message(_ examples: String...) -> String {
        let list = examples.map { "'\($0)', " }.joined(separator: " or ")
        return "\(words) (e.g. \(list)regex used for validation is '\(expression)')"
    }

    static let dnsLabel = Grammar(
        words: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
            + "and end with an alphanumeric character",
        expression: "[a-z0-9]([-a-z0-9]*[a-z0-9])?")
    static let dnsSubdomain = Grammar(
        words: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
            + "must start and end with an alphanumeric character",
        expression: "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
    static let qualifiedName = Grammar(
        words: "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            + "alphanumeric character",
        expression: "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
    static let labelValue = Grammar(
        words: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
            + "must start and end with an alphanumeric character",
        expression: "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
}

extension UInt8 {
    var isLowercaseLetter: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
    var isUppercaseLetter: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }
    var isLowerAlphanumeric: Bool { isDigit || isLowercaseLetter }
    var isAlphanumeric: Bool { isLowerAlphanumeric || isUppercaseLetter }
    /// The marks allowed inside of names: `-`, `_`, `.`.
    var isNameMark: Bool { self == UInt8(ascii: "-") || self == UInt8(ascii: "_") || self == UInt8(ascii: ".") }
}
