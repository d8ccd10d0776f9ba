/// Conditions on labels, all of which must hold; without any it selects everything.
public struct LabelSelector: Sendable, Hashable, CustomStringConvertible {
    /// The conditions, sorted by key.
    public let requirements: [Requirement]

    /// Selects everything.
    public static let everything = LabelSelector([])

    /// A selector of checked conditions.
    public init(_ requirements: [Requirement]) {
        self.requirements = requirements.sorted { $0.key.precedesBytewise($1.key) }
    }

    /// Reads the grammar of conformance 8.2: comma-joined `key`, `!key`, `key=v`, `key==v`, `key!=v`, `key in (a,b)`,
    /// `key notin (a,b)`, `key>n`, `key<n`. The empty text selects everything.
    ///
    /// - Throws: the message of Kubernetes' `labels.Parse`.
    public init(parsing text: String) throws(SelectorError) {
        var parser = LabelSelectorParser(text)
        self.init(try parser.parse())
    }

    /// Whether it selects everything.
    public var isEmpty: Bool { requirements.isEmpty }

    /// Whether the labels satisfy every condition.
    public func matches(_ labels: Labels) -> Bool {
        requirements.allSatisfy { $0.matches(labels) }
    }

    /// The value that the label must have, if the selector's first condition on it allows exactly one.
    public func requiresExactMatch(_ key: String) -> String? {
        guard let requirement = requirements.first(where: { $0.key == key }),
            requirement.operator == .isIn, requirement.values.count == 1
        else { return nil }
        return requirement.values[0]
    }

    /// The selector in its grammar, canonical.
    public var description: String {
        requirements.map(\.description).joined(separator: ",")
    }
}
