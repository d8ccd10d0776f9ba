internal import APIMachinery

/// The labels of a profile as profefe keeps them: sorted by key, keys that come twice kept, their values in the order given.
public struct CollectorLabels: Sendable, Hashable {
    /// One of them.
    public struct Label: Sendable, Hashable {
        /// Never empty in what profefe has stored.
        public let key: String
        /// May be empty.
        public let value: String

        /// A label of its parts.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// By key, bytewise.
    public let labels: [Label]

    /// Sorts them as profefe does.
    public init(_ labels: [Label] = []) {
        let sorted = labels.enumerated().sorted { left, right in
            if left.element.key.utf8.elementsEqual(right.element.key.utf8) { return left.offset < right.offset }
            return left.element.key.utf8.lexicographicallyPrecedes(right.element.key.utf8)
        }
        self.labels = sorted.map(\.element)
    }

    /// Whether each of the others is among these: the meaning of `labels` in a search, on profefe's badger storage.
    public func includes(_ others: CollectorLabels) -> Bool {
        others.labels.allSatisfy { wanted in labels.contains { $0.isSame(as: wanted) } }
    }
}

extension CollectorLabels.Label {
    fileprivate func isSame(as other: Self) -> Bool {
        key.utf8.elementsEqual(other.key.utf8) && value.utf8.elementsEqual(other.value.utf8)
    }
}

// The parameter `labels`.

extension CollectorLabels {
    /// Reads the value of the parameter, after the decoding that every parameter gets: `k=v,k2=v2`, blanks around keys and values
    /// dropped, then each decoded once more (profefe `Labels.FromString`).
    ///
    /// Accepted: nothing at all, empty parts (`,a=b,,c=d`), parts without a key (`=v`, dropped), without `=` (an empty value), `=` in
    /// a value, keys that come twice, `+` for a blank. Refused: a `%` without two hexadecimal digits.
    ///
    /// Bytes that aren't UTF-8 become U+FFFD, as in profefe's answers.
    public init(parameter text: String) throws(WireError) {
        var labels: [Label] = []
        for part in text.utf8.split(separator: UInt8(ascii: ",")) {
            let equal = part.firstIndex(of: UInt8(ascii: "="))
            let key = try Self.decode(part[..<(equal ?? part.endIndex)])
            guard !key.isEmpty else { continue }
            labels.append(Label(key, try Self.decode(part[(equal.map { part.index(after: $0) } ?? part.endIndex)...])))
        }
        self.init(labels)
    }

    /// The value of the parameter by which profefe reads these labels, whatever is in them; ``URLEscaping/escape(_:)`` makes it fit
    /// for a URL. Labels without a key can't be said and are left out.
    public var parameter: String {
        labels.lazy.filter { !$0.key.isEmpty }
            .map { "\(URLEscaping.escape($0.key))=\(URLEscaping.escape($0.value))" }.joined(separator: ",")
    }

    private static func decode(_ bytes: Substring.UTF8View) throws(WireError) -> String {
        let trimmed = trim(Substring(bytes))
        guard let text = PercentDecoding.decode(trimmed.utf8, plusIsSpace: true) else {
            throw WireError(.badEscape, "invalid URL escape \"\(badEscape(trimmed))\"")
        }
        return text
    }

    private static func trim(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
        guard let last = scalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return Substring(scalars[...last])
    }

    /// The first `%` that is none, with up to two characters behind it, as Go tells of it.
    private static func badEscape(_ text: Substring) -> Substring {
        var rest = text
        while let percent = rest.firstIndex(of: "%") {
            rest = rest[percent...]
            if PercentDecoding.decode(rest.utf8.prefix(3)) == nil { break }
            rest = rest.dropFirst()
        }
        return rest.prefix(3)
    }
}
