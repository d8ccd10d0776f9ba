// Which paths of an object an owner gets.

extension FieldSet {
    /// What an apply of this object owns: its leaves, the elements of its lists, the keys of its maps, and empty maps — but
    /// not the containers of declared fields, which others fill too.
    init(appliedBy value: JSONValue, _ schema: Schema) {
        self = Self.applied(value, schema).children
    }

    private static func applied(_ value: JSONValue, _ schema: Schema) -> (isMember: Bool, children: FieldSet) {
        switch (schema.topology(of: value), value) {
        case (.members(let types), .object(let members)):
            var nodes: [Node] = []
            nodes.reserveCapacity(members.count)
            for (name, member) in members {
                guard let type = types.type(of: name) else { continue }
                let (isIn, children) = applied(member, type)
                nodes.append(Node(.field(name), isMember: isIn || !types.declares(name), children: children))
            }
            return (members.isEmpty, FieldSet(nodes))
        case (.elements(let element, let keys), .array(let values)):
            let named = ElementNames(element: element, keys: keys).named(values)
            let nodes = named.map { Node($0.name, children: applied($0.value, element).children) }
            return (false, FieldSet(nodes).withoutTwins(named.map(\.name), in: named.count))
        default:
            return (true, FieldSet())
        }
    }

    /// Of elements whose name occurs twice only the name is owned: which of them is meant can't be told.
    private func withoutTwins(_ names: [PathElement], in count: Int) -> FieldSet {
        guard nodes.count < count else { return self }
        let sorted = names.sorted { PathElement.compare($0, $1) < 0 }
        let twins = zip(sorted, sorted.dropFirst()).filter { $0 == $1 }.map(\.0)
        return FieldSet(sorted: nodes.map { twins.contains($0.element) ? Node($0.element) : $0 })
    }

    /// Every path of a value, containers included: what is added with it, or goes away with it.
    init(everythingIn value: JSONValue, _ schema: Schema) {
        switch (schema.topology(of: value), value) {
        case (.members(let types), .object(let members)):
            self.init(
                members.compactMap { name, member in
                    types.type(of: name).map { type in
                        Node(.field(name), children: FieldSet(everythingIn: member, type))
                    }
                })
        case (.elements(let element, let keys), .array(let values)):
            let named = ElementNames(element: element, keys: keys).named(values)
            let nodes = named.map { Node($0.name, children: FieldSet(everythingIn: $0.value, element)) }
            self = FieldSet(nodes).withoutTwins(named.map(\.name), in: named.count)
        default:
            self.init()
        }
    }

    /// The set, and the declared fields that its paths go through: a field is given up with the last that is owned in it.
    func withDeclaredFields(_ schema: Schema?) -> FieldSet {
        FieldSet(
            sorted: nodes.map { node in
                guard !node.children.isEmpty else { return node }
                var below: Schema?
                var isDeclared = false
                switch (node.element, schema?.shape) {
                case (.field(let name), .object(let rules)?):
                    below = rules.field(name)?.schema ?? (rules.keepsUnknownFields ? .any : nil)
                    isDeclared = rules.field(name) != nil
                case (.field, .map(let element, _)?): below = element
                case (.key, .array(let element, _)?): below = element
                default: break
                }
                return Node(
                    node.element, isMember: node.isMember || isDeclared,
                    children: node.children.withDeclaredFields(below))
            })
    }

    /// The set after its type has changed: who owned parts of what is now taken as a whole owns the whole.
    func adapted(to schema: Schema) -> FieldSet {
        FieldSet(
            sorted: nodes.map { node in
                guard !node.children.isEmpty, let type = Self.type(of: node.element, in: schema) else { return node }
                switch type.shape {
                case .object(let rules) where rules.topology == .atomic: return Node(node.element)
                case .map(_, .atomic): return Node(node.element)
                case .array(_, let rules) where rules.topology == .atomic: return Node(node.element)
                case .object, .map, .array:
                    return Node(node.element, isMember: node.isMember, children: node.children.adapted(to: type))
                default: return node
                }
            })
    }

    private static func type(of element: PathElement, in schema: Schema) -> Schema? {
        switch (element, schema.shape) {
        case (.field(let name), .object(let rules)): rules.field(name)?.schema
        case (.field, .map(let type, _)): type
        case (.key, .array(let type, _)), (.value, .array(let type, _)): type
        default: nil
        }
    }
}
