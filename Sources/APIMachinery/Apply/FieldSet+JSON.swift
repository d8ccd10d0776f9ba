// The wire form `fieldsV1`: `{"f:spec":{".":{},"f:size":{}}}`; `{}` ends a path, `"."` says that the path so far is in too.

extension FieldSet {
    /// Reads the wire form. Steps of unknown kinds are left out with all below them.
    ///
    /// - Throws: `malformed` where it isn't one.
    init(json: JSONValue) throws(PathElement.Fault) {
        guard case .object(let members) = json else { throw .malformed }
        self = try Self.read(members).children
    }

    /// What is below a path, and whether the path itself is in: if it says so, or if nothing is below.
    private static func read(_ members: JSONObject) throws(PathElement.Fault) -> (isMember: Bool, children: FieldSet) {
        var isMember = false
        var nodes: [Node] = []
        nodes.reserveCapacity(members.count)
        for (name, value) in members {
            if name == "." {
                isMember = true
                continue
            }
            let element: PathElement
            do throws(PathElement.Fault) {
                element = try PathElement(encoded: name)
            } catch {
                if error == .unknownKind { continue }
                throw error
            }
            guard case .object(let below) = value else { throw .malformed }
            let (isIn, children) = try read(below)
            nodes.append(Node(element, isMember: isIn, children: children))
        }
        let children = FieldSet(nodes)
        return (isMember || children.isEmpty, children)
    }

    /// The wire form.
    public var json: JSONValue { .object(JSONObject(members)) }

    private var members: [(String, JSONValue)] {
        nodes.map { node in
            let own: [(String, JSONValue)] = node.isMember && !node.children.isEmpty ? [(".", .object([:]))] : []
            return (node.element.encoded, .object(JSONObject(own + node.children.members)))
        }
    }
}
