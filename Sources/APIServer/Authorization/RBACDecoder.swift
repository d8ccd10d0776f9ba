internal import APIMachinery

/// Reads and checks one object of RBAC.
struct RBACDecoder {
    let kind: String
    let place: RBACObjects.Place
    let object: JSONObject

    private var isCluster: Bool { kind.hasPrefix("Cluster") }

    func decode(into objects: inout RBACObjects) throws(RBACError) {
        let isRole = kind.hasSuffix("Role")
        let fields = isRole ? ["rules"] + (isCluster ? ["aggregationRule"] : []) : ["roleRef", "subjects"]
        try refuseUnknown(object, fields + ["apiVersion", "kind", "metadata"], at: "")
        let metadata = try member(object, "metadata", at: "")
        let name = try text(metadata, "name", at: "metadata", required: true)
        let namespace = try text(metadata, "namespace", at: "metadata", required: !isCluster)
        if isCluster, !namespace.isEmpty { throw value("metadata.namespace: not allowed on a \(kind)") }
        if isRole {
            objects.roles.append(try role(name, isCluster ? nil : namespace, metadata))
        } else {
            objects.bindings.append(try binding(name, isCluster ? nil : namespace))
        }
    }

    // MARK: roles

    private func role(_ name: String, _ namespace: String?, _ metadata: JSONObject) throws(RBACError)
        -> RBACObjects.Role
    {
        var rules: [RBACObjects.Rule] = []
        for (index, item) in try list(object, "rules", at: "").enumerated() {
            rules.append(try rule(item, at: "rules[\(index)]"))
        }
        var aggregates: [LabelSelector]?
        if let aggregation = object["aggregationRule"], aggregation != .null {
            aggregates = try selectors(aggregation)
        }
        return RBACObjects.Role(
            namespace: namespace, name: name, labels: try labels(metadata), rules: rules, aggregates: aggregates,
            place: place)
    }

    private func rule(_ item: JSONValue, at path: String) throws(RBACError) -> RBACObjects.Rule {
        let item = try self.item(item, at: path)
        try refuseUnknown(item, ["apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"], at: path)
        let rule = RBACObjects.Rule(
            verbs: try texts(item, "verbs", at: path), groups: try texts(item, "apiGroups", at: path),
            resources: try texts(item, "resources", at: path), names: try texts(item, "resourceNames", at: path),
            paths: try texts(item, "nonResourceURLs", at: path))
        if rule.verbs.isEmpty { throw value("\(path).verbs: Required value: verbs must contain at least one value") }
        guard !rule.paths.isEmpty else {
            if rule.groups.isEmpty {
                throw value("\(path).apiGroups: Required value: resource rules must supply at least one api group")
            }
            if rule.resources.isEmpty {
                throw value("\(path).resources: Required value: resource rules must supply at least one resource")
            }
            return rule
        }
        if !isCluster {
            throw value("\(path).nonResourceURLs: Invalid value: namespaced rules cannot apply to non-resource URLs")
        }
        if !rule.groups.isEmpty || !rule.resources.isEmpty || !rule.names.isEmpty {
            throw value(
                "\(path).nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs"
            )
        }
        return rule
    }

    private func labels(_ metadata: JSONObject) throws(RBACError) -> Labels {
        guard let value = metadata["labels"], value != .null else { return Labels() }
        return Labels(try strings(value, at: "metadata.labels"))
    }

    private func selectors(_ aggregation: JSONValue) throws(RBACError) -> [LabelSelector] {
        let aggregation = try item(aggregation, at: "aggregationRule")
        try refuseUnknown(aggregation, ["clusterRoleSelectors"], at: "aggregationRule")
        let path = "aggregationRule.clusterRoleSelectors"
        let list = try list(aggregation, "clusterRoleSelectors", at: "aggregationRule")
        if list.isEmpty { throw value("\(path): Required value: at least one clusterRoleSelector required") }
        var selectors: [LabelSelector] = []
        for (index, element) in list.enumerated() {
            selectors.append(try selector(try item(element, at: "\(path)[\(index)]"), at: "\(path)[\(index)]"))
        }
        return selectors
    }

    private func selector(_ object: JSONObject, at path: String) throws(RBACError) -> LabelSelector {
        try refuseUnknown(object, ["matchExpressions", "matchLabels"], at: path)
        var requirements: [Requirement] = []
        if let labels = object["matchLabels"], labels != .null {
            for (key, text) in try strings(labels, at: "\(path).matchLabels") {
                requirements.append(try requirement(key, .isIn, [text], at: "\(path).matchLabels"))
            }
        }
        for (index, element) in try list(object, "matchExpressions", at: path).enumerated() {
            let path = "\(path).matchExpressions[\(index)]"
            let element = try item(element, at: path)
            try refuseUnknown(element, ["key", "operator", "values"], at: path)
            let word = try text(element, "operator", at: path, required: true)
            guard let `operator` = Self.operators[word] else {
                throw value("\(path).operator: Invalid value: \(word.quoted): not a valid selector operator")
            }
            let key = try text(element, "key", at: path, required: true)
            requirements.append(try requirement(key, `operator`, try texts(element, "values", at: path), at: path))
        }
        return LabelSelector(requirements)
    }

    private static let operators: [String: Requirement.Operator] = [
        "In": .isIn, "NotIn": .notIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
    ]

    private func requirement(
        _ key: String, _ operator: Requirement.Operator, _ values: [String], at path: String
    ) throws(RBACError) -> Requirement {
        do throws(SelectorError) {
            return try Requirement(key, `operator`, values)
        } catch {
            throw value("\(path): \(error.message)")
        }
    }

    // MARK: bindings

    private func binding(_ name: String, _ namespace: String?) throws(RBACError) -> RBACObjects.Binding {
        let reference = try member(object, "roleRef", at: "")
        try refuseUnknown(reference, ["apiGroup", "kind", "name"], at: "roleRef")
        try checkGroup(reference, RBACObjects.group, at: "roleRef")
        let kind = try text(reference, "kind", at: "roleRef", required: true)
        guard kind == "ClusterRole" || (kind == "Role" && !isCluster) else {
            let allowed = isCluster ? "\"ClusterRole\"" : "\"Role\", \"ClusterRole\""
            throw value("roleRef.kind: Unsupported value: \(kind.quoted): supported values: \(allowed)")
        }
        let role = RBACObjects.RoleRef(kind: kind, name: try text(reference, "name", at: "roleRef", required: true))
        var subjects: [RBACObjects.Subject] = []
        for (index, item) in try list(object, "subjects", at: "").enumerated() {
            subjects.append(try subject(item, at: "subjects[\(index)]"))
        }
        return RBACObjects.Binding(namespace: namespace, name: name, role: role, subjects: subjects, place: place)
    }

    private func subject(_ item: JSONValue, at path: String) throws(RBACError) -> RBACObjects.Subject {
        let item = try self.item(item, at: path)
        try refuseUnknown(item, ["apiGroup", "kind", "name", "namespace"], at: path)
        let kind = try text(item, "kind", at: path, required: true)
        let name = try text(item, "name", at: path, required: true)
        let namespace = try text(item, "namespace", at: path)
        switch kind {
        case "ServiceAccount":
            try checkGroup(item, "", at: path)
            if isCluster, namespace.isEmpty { throw value("\(path).namespace: Required value") }
        case "User", "Group":
            try checkGroup(item, RBACObjects.group, at: path)
            if !namespace.isEmpty { throw value("\(path).namespace: not allowed on a \(kind)") }
        default:
            throw value(
                "\(path).kind: Unsupported value: \(kind.quoted): supported values: \"ServiceAccount\", \"User\", \"Group\""
            )
        }
        return RBACObjects.Subject(kind: kind, name: name, namespace: namespace)
    }

    /// `apiGroup` may be left out; given, it must be the right one.
    private func checkGroup(_ item: JSONObject, _ expected: String, at path: String) throws(RBACError) {
        let group = try text(item, "apiGroup", at: path)
        guard group.isEmpty || group == expected else {
            throw value("\(path).apiGroup: Unsupported value: \(group.quoted): supported values: \(expected.quoted)")
        }
    }
}

// MARK: fields

extension RBACDecoder {
    private func fault(_ code: RBACError.Code, _ message: String) -> RBACError {
        let name = object["metadata"]?["name"]?.stringValue
        return RBACError(code: code, place: place, message: "\(kind)\(name.map { " \($0.quoted)" } ?? ""): \(message)")
    }

    fileprivate func value(_ message: String) -> RBACError { fault(.value, message) }

    private func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    fileprivate func refuseUnknown(_ object: JSONObject, _ known: [String], at path: String) throws(RBACError) {
        for (name, _) in object where !known.contains(name) {
            throw fault(.field, "\(join(path, name)): no such field")
        }
    }

    fileprivate func item(_ value: JSONValue, at path: String) throws(RBACError) -> JSONObject {
        guard let object = value.objectValue else { throw fault(.field, "\(path): must be an object") }
        return object
    }

    fileprivate func member(_ object: JSONObject, _ name: String, at path: String) throws(RBACError) -> JSONObject {
        guard let value = object[name] else { throw self.value("\(join(path, name)): Required value") }
        return try item(value, at: join(path, name))
    }

    fileprivate func text(
        _ object: JSONObject, _ name: String, at path: String, required: Bool = false
    ) throws(RBACError) -> String {
        let value = object[name] ?? .null
        guard value == .null || value.stringValue != nil else {
            throw fault(.field, "\(join(path, name)): must be a string")
        }
        let text = value.stringValue ?? ""
        if required, text.isEmpty { throw self.value("\(join(path, name)): Required value") }
        return text
    }

    fileprivate func list(_ object: JSONObject, _ name: String, at path: String) throws(RBACError) -> [JSONValue] {
        let value = object[name] ?? .null
        if value == .null { return [] }
        guard let list = value.arrayValue else { throw fault(.field, "\(join(path, name)): must be a list") }
        return list
    }

    fileprivate func texts(_ object: JSONObject, _ name: String, at path: String) throws(RBACError) -> [String] {
        var texts: [String] = []
        for value in try list(object, name, at: path) {
            guard let text = value.stringValue else {
                throw fault(.field, "\(join(path, name)): must be a list of strings")
            }
            texts.append(text)
        }
        return texts
    }

    fileprivate func strings(_ value: JSONValue, at path: String) throws(RBACError) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for (key, value) in try item(value, at: path) {
            guard let text = value.stringValue else { throw fault(.field, "\(path)[\(key)]: must be a string") }
            pairs.append((key, text))
        }
        return pairs
    }
}
