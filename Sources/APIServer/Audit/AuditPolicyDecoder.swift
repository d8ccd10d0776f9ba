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
    private var reader: DocumentReader

    static func decode(_ file: SourceFile) throws(DocumentError) -> AuditPolicy {
        var decoder = AuditPolicyDecoder(reader: try DocumentReader(file))
        let policy = decoder.policy()
        try decoder.reader.finish()
        return policy
    }

    private mutating func policy() -> AuditPolicy {
        guard
            let object = reader.document(
                "audit.k8s.io/v1", "Policy", fields: ["omitManagedFields", "omitStages", "rules"])
        else { return AuditPolicy(rules: []) }
        let stages = self.stages(object, "")
        let omitsManagedFields = reader.flag(object, "omitManagedFields", "") ?? false
        let items = reader.list(object, "rules", "") ?? []
        if items.isEmpty, reader.isClean {
            reader.fault("rules", "Required value: a policy must have at least one rule")
        }
        var rules: [AuditRule] = []
        for (index, item) in items.enumerated() {
            rules.append(rule(item, "rules[\(index)]", stages, omitsManagedFields))
        }
        return AuditPolicy(rules: rules)
    }

    private mutating func rule(
        _ value: JSONValue, _ path: String, _ stages: Set<AuditStage>, _ omitsManagedFields: Bool
    ) -> AuditRule {
        let fields: Set = [
            "level", "namespaces", "nonResourceURLs", "omitManagedFields", "omitStages", "resources", "userGroups",
            "users", "verbs",
        ]
        guard let object = reader.object(value, at: path, fields: fields) else {
            return AuditRule(verdict: AuditVerdict(level: .none))
        }
        var rule = AuditRule(verdict: AuditVerdict(level: level(object, path)))
        rule.verdict.omittedStages = stages.union(self.stages(object, path))
        rule.verdict.omitsManagedFields = reader.flag(object, "omitManagedFields", path) ?? omitsManagedFields
        rule.users = texts(object, "users", path)
        rule.groups = texts(object, "userGroups", path)
        rule.verbs = texts(object, "verbs", path)
        rule.namespaces = texts(object, "namespaces", path)
        for (index, item) in (reader.list(object, "resources", path) ?? []).enumerated() {
            rule.resources.append(resources(item, "\(path).resources[\(index)]"))
        }
        rule.paths = paths(object, path)
        if !rule.paths.isEmpty, !rule.resources.isEmpty || !rule.namespaces.isEmpty {
            reader.fault(
                "\(path).nonResourceURLs", "rules cannot apply to both regular resources and non-resource URLs")
        }
        return rule
    }

    private mutating func level(_ object: JSONObject, _ path: String) -> AuditLevel {
        let supported = AuditLevel.allCases.map(\.rawValue.quoted).joined(separator: ", ")
        guard let value = object["level"], !value.isNull else {
            reader.fault("\(path).level", "Required value: one of \(supported)")
            return .none
        }
        guard let text = value.stringValue, let level = AuditLevel(rawValue: text) else {
            reader.fault(
                "\(path).level", "Unsupported value: \(DocumentReader.shown(value)): supported values: \(supported)")
            return .none
        }
        return level
    }

    private mutating func stages(_ object: JSONObject, _ path: String) -> Set<AuditStage> {
        var stages: Set<AuditStage> = []
        for (text, place) in reader.texts(object, "omitStages", path) ?? [] {
            if let stage = AuditStage(rawValue: text) {
                stages.insert(stage)
            } else {
                let allowed = AuditStage.allCases.map(\.rawValue).joined(separator: ",")
                reader.fault(place, "Invalid value: \(text.quoted): allowed stages are \(allowed)")
            }
        }
        return stages
    }

    private mutating func resources(_ value: JSONValue, _ path: String) -> AuditRule.Resources {
        guard let object = reader.object(value, at: path, fields: ["group", "resourceNames", "resources"]) else {
            return AuditRule.Resources()
        }
        let resources = AuditRule.Resources(
            group: reader.text(object, "group", path), resources: texts(object, "resources", path),
            names: texts(object, "resourceNames", path))
        if !resources.group.isEmpty, resources.group != "*", !Names.dns1123Subdomain(resources.group).isEmpty {
            let why = Names.dns1123Subdomain(resources.group).joined(separator: ",")
            reader.fault("\(path).group", "Invalid value: \(resources.group.quoted): \(why)")
        }
        if !resources.names.isEmpty, resources.resources.isEmpty {
            reader.fault("\(path).resourceNames", "using resourceNames requires at least one resource")
        }
        return resources
    }

    private mutating func paths(_ object: JSONObject, _ path: String) -> [String] {
        let paths = reader.texts(object, "nonResourceURLs", path) ?? []
        for (url, place) in paths where url != "*" {
            if !url.hasPrefix("/") {
                reader.fault(
                    place, "Invalid value: \(url.quoted): non-resource URL rules must begin with a '/' character")
            }
            if url.dropLast().contains("*") {
                reader.fault(
                    place,
                    "Invalid value: \(url.quoted): non-resource URL wildcards '*' must be the final character of the rule"
                )
            }
        }
        return paths.map(\.text)
    }

    private mutating func texts(_ object: JSONObject, _ name: String, _ path: String) -> [String] {
        (reader.texts(object, name, path) ?? []).map(\.text)
    }
}
