/// What a client accepts, best first: the clauses of its `Accept` header (RFC 9110 §12.5.1).
///
/// Accepted: `application/json`, `a/b;q=0.5;as=Table`, `*/*`, `application/*`, the empty header (anything). Clauses
/// that are no media range, and those with `q=0`, are dropped. Ordered by q falling, then concrete before wildcards,
/// then as written.
public struct AcceptHeader: Sendable, Hashable {
    /// One clause.
    public struct Clause: Sendable, Hashable {
        /// The type in lower case, or `*`.
        public let type: String
        /// The subtype in lower case, or `*`.
        public let subtype: String
        /// The parameters but `q`, names in lower case; of equal names the last one counts.
        public let parameters: [String: String]
        /// `q`, 0 to 1; an unreadable one counts as the least.
        public let quality: Double

        /// Whether it covers a concrete media type such as `application/json`.
        public func covers(_ mediaType: String) -> Bool {
            if type == "*" { return true }
            return subtype == "*" ? mediaType.hasPrefix("\(type)/") : "\(type)/\(subtype)" == mediaType
        }

        /// 2 for `a/b`, 1 for `a/*`, 0 for `*/*`.
        fileprivate var precision: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 }
    }

    /// The clauses, best first.
    public let clauses: [Clause]

    /// Reads the values of all `Accept` headers of a request. None, or only empty ones, accept anything.
    public init(_ values: [String]) {
        let texts = values.flatMap { $0.split(separator: ",") }.map { $0.trimmed }.filter { !$0.isEmpty }
        let parsed = texts.isEmpty ? [Clause("*/*")] : texts.map { Clause($0) }
        let clauses = parsed.enumerated().compactMap { index, clause in clause.map { (index, $0) } }
        self.clauses =
            clauses.sorted { left, right in
                if left.1.quality != right.1.quality { return left.1.quality > right.1.quality }
                if left.1.precision != right.1.precision { return left.1.precision > right.1.precision }
                return left.0 < right.0
            }.map(\.1)
    }
}

extension AcceptHeader.Clause {
    fileprivate init?(_ text: some StringProtocol) {
        guard let media = MediaType(text) else { return nil }
        type = media.type
        subtype = media.subtype
        var parameters = media.parameters
        let given = parameters.removeValue(forKey: "q")
        let quality = given.map { Self.quality($0) } ?? 1
        guard quality > 0 else { return nil }
        self.parameters = parameters
        self.quality = quality
    }

    /// `0`, `0.5`, `1.000`; anything else counts as the least quality there is.
    private static func quality(_ text: String) -> Double {
        let least = 0.0001
        guard !text.isEmpty, text.utf8.count <= 8, text.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }),
            let value = Double(text)
        else { return least }
        return Swift.min(value, 1)
    }
}

/// A media type or range with its parameters: `application/json; charset=utf-8`.
struct MediaType {
    let type: String
    let subtype: String
    let parameters: [String: String]

    /// Type and subtype.
    var essence: String { "\(type)/\(subtype)" }

    /// Refused (nil): a text without exactly one `/`, or with an empty or spaced side. `*` alone is `*/*`, as some
    /// clients send it.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        guard let range = parts.first?.trimmed.lowercased() else { return nil }
        let sides = (range == "*" ? "*/*" : range).split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
            return nil
        }
        guard sides[0] != "*" || sides[1] == "*" else { return nil }
        type = String(sides[0])
        subtype = String(sides[1])
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            var value = pair[1].trimmed
            if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            parameters[pair[0].trimmed.lowercased()] = value
        }
        self.parameters = parameters
    }
}

extension StringProtocol {
    /// Without spaces and tabs at its ends.
    var trimmed: String {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = Substring(self).utf8.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
    }
}
