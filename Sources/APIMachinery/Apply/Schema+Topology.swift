/// How server-side apply takes one value apart.
enum Topology {
    /// Not at all: a scalar, an atomic list or map, a missing value.
    case whole
    /// By its fields or keys.
    case members(MemberTypes)
    /// By its elements: by the key fields of each, or, with no key fields, by its value.
    case elements(of: Schema, keys: [String])
}

/// The types of an object's fields or of a map's values.
struct MemberTypes {
    fileprivate enum Kind {
        case object(Schema.ObjectRules)
        case map(of: Schema)
    }

    fileprivate let kind: Kind

    /// The type of a member; nil if there can't be one of that name, or if it is never returned: nobody owns such a one.
    func type(of name: String) -> Schema? {
        switch kind {
        case .object(let rules):
            guard let field = rules.field(name) else { return rules.keepsUnknownFields ? .any : nil }
            return field.schema.direction == .toServer ? nil : field.schema
        case .map(let element): return element
        }
    }

    /// Whether the name is a field that the type declares. Only keys of maps are owned for their own sake.
    func declares(_ name: String) -> Bool {
        guard case .object(let rules) = kind else { return false }
        return rules.field(name) != nil
    }
}

extension Schema {
    /// How a value of this type is taken apart. Of a free value only an object is: by its members, whatever they are.
    func topology(of value: JSONValue) -> Topology {
        switch shape {
        case .object(let rules) where rules.topology == .granular: .members(MemberTypes(kind: .object(rules)))
        case .map(let element, .granular): .members(MemberTypes(kind: .map(of: element)))
        case .array(let element, let rules): Self.topology(of: element, rules.topology)
        case .any where value.objectValue != nil: .members(MemberTypes(kind: .map(of: .any)))
        default: .whole
        }
    }

    private static func topology(of element: Schema, _ topology: ListTopology) -> Topology {
        switch topology {
        case .atomic: .whole
        case .set: .elements(of: element, keys: [])
        case .map(let keys): .elements(of: element, keys: keys)
        }
    }

    /// The value that stands for a missing key field.
    func defaultValue(of field: String) -> JSONValue? {
        guard case .object(let rules) = shape else { return nil }
        return rules.field(field)?.defaultValue
    }
}

/// Names the elements of a list.
struct ElementNames {
    let element: Schema
    let keys: [String]

    /// Why an element has no name.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The name of an element.
    func name(of value: JSONValue) throws(Fault) -> PathElement {
        if keys.isEmpty { return try .value(scalar(value)) }
        switch value {
        case .object(let members): return .key(try key(of: members))
        case .null: throw Fault(description: "associative list with keys may not have a null element")
        default: throw Fault(description: "associative list with keys may not have non-map elements")
        }
    }

    private func scalar(_ value: JSONValue) throws(Fault) -> JSONValue {
        switch value {
        case .object: throw Fault(description: "associative list without keys has an element that's a map type")
        case .array: throw Fault(description: "not supported: associative list with lists as elements")
        case .null: throw Fault(description: "associative list without keys has an element that's an explicit null")
        default: return value
        }
    }

    private func key(of members: JSONObject) throws(Fault) -> JSONObject {
        var key = JSONObject()
        for name in keys { key[name] = members[name] ?? element.defaultValue(of: name) }
        guard !key.isEmpty else {
            let names = keys.map(\.quoted).joined(separator: " ")
            throw Fault(
                description: "associative list with keys has an element that omits all key fields [\(names)] "
                    + "(and doesn't have default values for any key fields)")
        }
        return key.count > 1 ? key.sorted() : key
    }

    /// The elements that have names, in order, with their names.
    func named(_ values: [JSONValue]) -> [(name: PathElement, value: JSONValue)] {
        values.compactMap { value in (try? name(of: value)).map { ($0, value) } }
    }
}
