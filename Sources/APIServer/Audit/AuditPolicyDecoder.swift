internal import APIMachinery

/// Reads and checks a policy as k8s.io/apiserver's validation does, and refuses what it doesn't know besides: a misspelt field
/// would record other requests than meant.
///
/// | accepted | refused |
/// |---|---|
/// | one YAML or JSON document, `audit.k8s.io/v1` `Policy` | another version or kind, two documents, a field given twice |
/// | `rules` of at least one, `omitStages`, `omitManagedFields`, `metadata` | no rules, unknown fields, other types |
/// | `level` of the four | none, or another |
/// | `nonResourceURLs` that are `*`, or begin with `/` and have at most one `*`, at the end | others; beside `resources` or `namespaces` |
/// | `resources` with `group` a DNS subdomain, `*` or `""` | `resourceNames` without `resources` |
struct AuditPolicyDecoder {
    private var faults: [AuditPolicyError.Fault] = []

    static func decode(_ file: SourceFile) throws(AuditPolicyError) -> AuditPolicy {
        let document: JSONDocument
        do throws(YAMLError) {
            document = try YAML.parse(file.bytes)
        } catch {
            throw AuditPolicyError(
                file: file.path, faults: [.init(place: "line \(error.line)", message: error.message)])
        }
        var decoder = AuditPolicyDecoder()
        for field in document.duplicateFields { decoder.fault(field, "is given twice") }
        let policy = decoder.policy(document.value)
        guard decoder.faults.isEmpty else { throw AuditPolicyError(file: file.path, faults: decoder.faults) }
        return policy
    }

    private mutating func policy(_ value: JSONValue) -> AuditPolicy {
        guard let object = value.objectValue else {
            fault("", "must be an object with apiVersion, kind and rules, not \(value.typeName)")
            return AuditPolicy(rules: [])
        }
        refuseUnknown(object, ["apiVersion", "kind", "metadata", "omitManagedFields", "omitStages", "rules"], "")
        expect(object, "apiVersion", "audit.k8s.io/v1")
        expect(object, "kind", "Policy")
        let stages = self.stages(object, "")
        let omitsManagedFields = flag(object, "omitManagedFields", "") ?? false
        var rules: [AuditRule] = []
        let items = list(object, "rules", "")
        if items.isEmpty, faults.isEmpty { fault("rules", "Required value: a policy must have at least one rule") }
        for (index, item) in items.enumerated() {
            rules.append(rule(item, "rules[\(index)]", stages, omitsManagedFields))
        }
        return AuditPolicy(rules: rules)
    }

    private mutating func rule(
        _ value: JSONValue, _ path: String, _ stages: Set<AuditStage>, _ omitsManagedFields: Bool
    ) -> AuditRule {
        guard let object = value.objectValue else {
            fault(path, "must be an object, not \(value.typeName)")
            return AuditRule(verdict: AuditVerdict(level: .none))
        }
        refuseUnknown(
            object,
            [
                "level", "namespaces", "nonResourceURLs", "omitManagedFields", "omitStages", "resources", "userGroups",
                "users", "verbs",
            ], path)
        var rule = AuditRule(verdict: AuditVerdict(level: level(object, path)))
        rule.verdict.omittedStages = stages.union(self.stages(object, path))
        rule.verdict.omitsManagedFields = flag(object, "omitManagedFields", path) ?? omitsManagedFields
        rule.users = texts(object, "users", path)
        rule.groups = texts(object, "userGroups", path)
        rule.verbs = texts(object, "verbs", path)
        rule.namespaces = texts(object, "namespaces", path)
        for (index, item) in list(object, "resources", path).enumerated() {
            rule.resources.append(resources(item, "\(path).resources[\(index)]"))
        }
        rule.paths = paths(object, path)
        if !rule.paths.isEmpty, !rule.resources.isEmpty || !rule.namespaces.isEmpty {
            fault("\(path).nonResourceURLs", "rules cannot apply to both regular resources and non-resource URLs")
        }
        return rule
    }

    private mutating func level(_ object: JSONObject, _ path: String) -> AuditLevel {
        let supported = AuditLevel.allCases.map(\.rawValue.quoted).joined(separator: ", ")
        guard let value = object["level"], !value.isNull else {
            fault("\(path).level", "Required value: one of \(supported)")
            return .none
        }
        guard let text = value.stringValue, let level = AuditLevel(rawValue: text) else {
            fault("\(path).level", "Unsupported value: \(Self.shown(value)): supported values: \(supported)")
            return .none
        }
        return level
    }

    private mutating func stages(_ object: JSONObject, _ path: String) -> Set<AuditStage> {
        var stages: Set<AuditStage> = []
        for (index, text) in texts(object, "omitStages", path).enumerated() {
            if let stage = AuditStage(rawValue: text) {
                stages.insert(stage)
            } else {
                let allowed = AuditStage.allCases.map(\.rawValue).joined(separator: ",")
                fault(
                    "\(Self.join(path, "omitStages"))[\(index)]",
                    "Invalid value: \(text.quoted): allowed stages are \(allowed)")
            }
        }
        return stages
    }

    private mutating func resources(_ value: JSONValue, _ path: String) -> AuditRule.Resources {
        guard let object = value.objectValue else {
            fault(path, "must be an object, not \(value.typeName)")
            return AuditRule.Resources()
        }
        refuseUnknown(object, ["group", "resourceNames", "resources"], path)
        let resources = AuditRule.Resources(
            group: text(object, "group", path), resources: texts(object, "resources", path),
            names: texts(object, "resourceNames", path))
        if !resources.group.isEmpty, resources.group != "*", !Names.dns1123Subdomain(resources.group).isEmpty {
            let why = Names.dns1123Subdomain(resources.group).joined(separator: ",")
            fault("\(path).group", "Invalid value: \(resources.group.quoted): \(why)")
        }
        if !resources.names.isEmpty, resources.resources.isEmpty {
            fault("\(path).resourceNames", "using resourceNames requires at least one resource")
        }
        return resources
    }

    private mutating func paths(_ object: JSONObject, _ path: String) -> [String] {
        let paths = texts(object, "nonResourceURLs", path)
        for (index, url) in paths.enumerated() where url != "*" {
            let place = "\(path).nonResourceURLs[\(index)]"
            if !url.hasPrefix("/") {
                fault(place, "Invalid value: \(url.quoted): non-resource URL rules must begin with a '/' character")
            }
            if url.dropLast().contains("*") {
                fault(
                    place,
                    "Invalid value: \(url.quoted): non-resource URL wildcards '*' must be the final character of the rule"
                )
            }
        }
        return paths
    }
}

// MARK: fields

extension AuditPolicyDecoder {
    private mutating func fault(_ place: String, _ message: String) {
        faults.append(.init(place: place, message: message))
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A value in a message; long ones cut.
    private static func shown(_ value: JSONValue) -> String {
        let text = String(decoding: value.encoded(), as: UTF8.self)
        return text.count > 80 ? "\(text.prefix(80))…" : text
    }

    private mutating func refuseUnknown(_ object: JSONObject, _ known: Set<String>, _ path: String) {
        for (name, _) in object where !known.contains(name) { fault(Self.join(path, name), "no such field") }
    }

    private mutating func expect(_ object: JSONObject, _ name: String, _ expected: String) {
        guard object[name]?.stringValue != expected else { return }
        let found = object[name].map { Self.shown($0) } ?? "nothing"
        fault(name, "must be \(expected.quoted), not \(found)")
    }

    private mutating func flag(_ object: JSONObject, _ name: String, _ path: String) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        if value.boolValue == nil { fault(Self.join(path, name), "must be true or false, not \(Self.shown(value))") }
        return value.boolValue
    }

    private mutating func text(_ object: JSONObject, _ name: String, _ path: String) -> String {
        guard let value = object[name], !value.isNull else { return "" }
        guard let text = value.stringValue else {
            fault(Self.join(path, name), "must be a string, not \(Self.shown(value))")
            return ""
        }
        return text
    }

    private mutating func list(_ object: JSONObject, _ name: String, _ path: String) -> [JSONValue] {
        guard let value = object[name], !value.isNull else { return [] }
        guard let list = value.arrayValue else {
            fault(Self.join(path, name), "must be a list, not \(value.typeName)")
            return []
        }
        return list
    }

    private mutating func texts(_ object: JSONObject, _ name: String, _ path: String) -> [String] {
        var texts: [String] = []
        for (index, value) in list(object, name, path).enumerated() {
            if let text = value.stringValue {
                texts.append(text)
            } else {
                fault("\(Self.join(path, name))[\(index)]", "must be a string, not \(Self.shown(value))")
            }
        }
        return texts
    }
}
