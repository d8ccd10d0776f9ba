extension Schema {
    /// The value without what is at the paths. What was taken apart for it stays, be it empty.
    func removing(_ paths: FieldSet, from value: JSONValue) -> JSONValue {
        if paths.isEmpty { return value }
        switch (topology(of: value), value) {
        case (.members(let types), .object(let members)):
            var rest: [(String, JSONValue)] = []
            for (name, member) in members {
                guard let node = paths.node(.field(name)) else {
                    rest.append((name, member))
                    continue
                }
                if node.isMember { continue }
                rest.append((name, types.type(of: name)?.removing(node.children, from: member) ?? member))
            }
            return .object(JSONObject(rest))
        case (.elements(let element, let keys), .array(let values)):
            let names = ElementNames(element: element, keys: keys)
            var rest: [JSONValue] = []
            for value in values {
                guard let name = try? names.name(of: value), let node = paths.node(name) else {
                    rest.append(value)
                    continue
                }
                if !node.isMember { rest.append(element.removing(node.children, from: value)) }
            }
            return .array(rest)
        default:
            return value
        }
    }
}
