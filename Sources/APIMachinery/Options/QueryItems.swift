/// The parameters of a request, in the order sent; a name may occur more than once.
///
/// Reads what Go's `url.ParseQuery` keeps: `+` is a space, `%XX` a byte, a name without `=` has the empty value; pairs
/// that hold a `;` or a malformed escape are dropped, as are pairs without a name and a value.
public struct QueryItems: Sendable, Hashable {
    /// One parameter.
    public struct Item: Sendable, Hashable {
        /// Its name, decoded.
        public let name: String
        /// Its value, decoded.
        public let value: String

        /// A parameter of its parts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The parameters.
    public let items: [Item]

    /// Parameters as given.
    public init(_ items: [Item] = []) {
        self.items = items
    }

    /// Reads the raw query of a request target, without its `?`.
    public init(parsing query: some StringProtocol) {
        var items: [Item] = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) where !pair.contains(UInt8(ascii: ";")) {
            let equal = pair.firstIndex(of: UInt8(ascii: "="))
            let value = equal.map { pair[pair.index(after: $0)...] }
            guard let name = PercentDecoding.decode(pair[..<(equal ?? pair.endIndex)], plusIsSpace: true),
                let text = value.map({ PercentDecoding.decode($0, plusIsSpace: true) }) ?? ""
            else { continue }
            items.append(Item(name: name, value: text))
        }
        self.init(items)
    }

    /// Cuts a request target at its first `?`, and a fragment off: the path as sent, and the parameters.
    public static func split(target: String) -> (path: String, query: QueryItems) {
        let target = target.utf8.prefix { $0 != UInt8(ascii: "#") }
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else {
            return (String(Substring(target)), QueryItems())
        }
        let query = Substring(target[target.index(after: mark)...])
        return (String(Substring(target[..<mark])), QueryItems(parsing: query))
    }

    /// The first value of a name, as Kubernetes takes it for single-valued options.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Every value of a name.
    public func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// Whether the name occurs.
    public func contains(_ name: String) -> Bool { items.contains { $0.name == name } }

    /// A truth value as Kubernetes' query conversion reads it: present and neither `false` nor `0`, letter case not
    /// minded; so `?watch`, `?watch=` and `?watch=maybe` are all true. Nil if the name doesn't occur.
    public func flag(_ name: String) -> Bool? {
        self[name].map { !($0 == "0" || $0.lowercased() == "false") }
    }
}
