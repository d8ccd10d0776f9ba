/// What differs between two states of an object, by path.
struct TypedComparison {
    /// Not in the old state.
    private(set) var added = FieldSet()
    /// In both, with other values.
    private(set) var modified = FieldSet()
    /// Not in the new state.
    private(set) var removed = FieldSet()
    private var path: [PathElement] = []

    /// Compares two states that fit the type.
    init(_ old: JSONValue, _ new: JSONValue, _ schema: Schema) {
        compare(old, new, schema)
    }

    /// Whether the states are equal.
    var isEmpty: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }

    private mutating func compare(_ old: JSONValue, _ new: JSONValue, _ schema: Schema) {
        if old == new { return }
        switch (schema.topology(of: new.isNull ? old : new), old, new) {
        case (.members(let types), .object(let before), .object(let after)):
            compare(before, after, types)
        case (.members(let types), .object(let before), .null) where !before.isEmpty:
            compare(before, [:], types)
        case (.members(let types), .null, .object(let after)) where !after.isEmpty:
            compare([:], after, types)
        case (.elements(let element, let keys), .array(let before), .array(let after)):
            compare(before, after, ElementNames(element: element, keys: keys))
        case (.elements(let element, let keys), .array(let before), .null) where !before.isEmpty:
            compare(before, [], ElementNames(element: element, keys: keys))
        case (.elements(let element, let keys), .null, .array(let after)) where !after.isEmpty:
            compare([], after, ElementNames(element: element, keys: keys))
        default:
            modified.insert(path)
        }
    }

    private mutating func compare(_ before: JSONObject, _ after: JSONObject, _ types: MemberTypes) {
        for (name, old) in before {
            guard let type = types.type(of: name) else { continue }
            descend(.field(name)) { $0.compareMember(old, after[name], type) }
        }
        for (name, new) in after where !before.contains(name) {
            guard let type = types.type(of: name) else { continue }
            descend(.field(name)) { $0.compareMember(nil, new, type) }
        }
    }

    /// What may be on one side only.
    private mutating func compareMember(_ old: JSONValue?, _ new: JSONValue?, _ schema: Schema) {
        switch (old, new) {
        case (let old?, let new?): compare(old, new, schema)
        case (nil, let new?): added.insert(path, children: FieldSet(everythingIn: new, schema))
        case (let old?, nil): removed.insert(path, children: FieldSet(everythingIn: old, schema))
        case (nil, nil): break
        }
    }

    private mutating func descend(_ element: PathElement, _ body: (inout TypedComparison) -> Void) {
        path.append(element)
        body(&self)
        path.removeLast()
    }

    // MARK: Lists

    private mutating func compare(_ before: [JSONValue], _ after: [JSONValue], _ names: ElementNames) {
        for (name, old, new) in Self.paired(names.named(before), names.named(after)) {
            descend(name) { $0.compareTwins(old, new, names.element) }
        }
    }

    /// The elements of each name, of both lists.
    private static func paired(
        _ before: [(name: PathElement, value: JSONValue)], _ after: [(name: PathElement, value: JSONValue)]
    ) -> [(PathElement, [JSONValue], [JSONValue])] {
        var all = before.map { (name: $0.name, isOld: true, value: $0.value) }
        all += after.map { (name: $0.name, isOld: false, value: $0.value) }
        let order = all.indices.sorted { left, right in
            let order = PathElement.compare(all[left].name, all[right].name)
            return order == 0 ? left < right : order < 0
        }
        var result: [(PathElement, [JSONValue], [JSONValue])] = []
        for (name, isOld, value) in order.map({ all[$0] }) {
            if result.last?.0 != name { result.append((name, [], [])) }
            if isOld { result[result.count - 1].1.append(value) } else { result[result.count - 1].2.append(value) }
        }
        return result
    }

    /// Elements of one name. Twins are compared as a whole, and only their name is told.
    private mutating func compareTwins(_ old: [JSONValue], _ new: [JSONValue], _ schema: Schema) {
        switch (old.count, new.count) {
        case (0...1, 0...1):
            compareMember(old.first, new.first, schema)
        case (2..., 2...):
            if old != new { modified.insert(path) }
        case (2..., _):
            compareMember(nil, new.first, schema)
            removed.insert(path)
        default:
            compareMember(old.first, nil, schema)
            added.insert(path)
        }
    }
}
