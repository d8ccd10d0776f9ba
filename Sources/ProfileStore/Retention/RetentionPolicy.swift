/// How long profiles are kept, by namespace and class (the type of a profile).
///
/// The first rule that matches counts; then what the namespace says of itself; then the fallback.
public struct RetentionPolicy: Sendable, Hashable {
    /// How long something is kept, counted from when the store took it in.
    public enum Lifetime: Sendable, Hashable {
        /// Until somebody deletes it.
        case forever
        /// So many seconds.
        case seconds(Int64)

        /// When something that was taken in at `storedAt` is to go, unix seconds; nil: never.
        public func end(from storedAt: Int64) -> Int64? {
            guard case .seconds(let seconds) = self else { return nil }
            let (end, isOverflowing) = storedAt.addingReportingOverflow(max(0, seconds))
            return isOverflowing ? nil : end
        }
    }

    /// An exception.
    public struct Rule: Sendable, Hashable {
        /// The namespaces it is for; empty for all.
        public var namespaces: Set<String>
        /// The classes it is for; empty for all.
        public var classes: Set<String>
        /// How long.
        public var lifetime: Lifetime

        /// A rule of its parts.
        public init(namespaces: Set<String> = [], classes: Set<String> = [], lifetime: Lifetime) {
            self.namespaces = namespaces
            self.classes = classes
            self.lifetime = lifetime
        }

        /// Whether it is for this namespace and class.
        func matches(_ namespace: String, _ class: String) -> Bool {
            (namespaces.isEmpty || namespaces.contains(namespace)) && (classes.isEmpty || classes.contains(`class`))
        }
    }

    /// In their order.
    public var rules: [Rule]
    /// What namespaces say of themselves.
    public var namespaces: [String: Lifetime]
    /// For all others.
    public var fallback: Lifetime

    /// A policy of its parts; everything is kept for ever by default.
    public init(_ fallback: Lifetime = .forever, rules: [Rule] = [], namespaces: [String: Lifetime] = [:]) {
        self.fallback = fallback
        self.rules = rules
        self.namespaces = namespaces
    }

    /// How long objects of a namespace and class are kept.
    public func lifetime(namespace: String, class: String) -> Lifetime {
        if let rule = rules.first(where: { $0.matches(namespace, `class`) }) { return rule.lifetime }
        return namespaces[namespace] ?? fallback
    }
}
