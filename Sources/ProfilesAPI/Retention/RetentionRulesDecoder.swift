internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// Reads a file of retention rules, and tells everything that is wrong with it at once: a misspelt field would remove what was to be
/// kept.
///
/// | accepted | refused |
/// |---|---|
/// | one YAML or JSON document, `profefe.io/v1` `RetentionRules` | another version or kind, two documents, a field given twice |
/// | `rules`, also an empty list, `metadata` | no `rules`, unknown fields, other types, more than 10,000 rules |
/// | `namespaces` that may be names of namespaces | others; none in the list where there is one |
/// | `types` of profiles | others; none in the list where there is one |
/// | `retention` as Go writes durations, `0` or from 1s to 876000h | none, other texts, numbers |
/// | | a rule behind one that is for everything |
struct RetentionRulesDecoder {
    private static let limit = 10_000
    private var reader: DocumentReader

    static func decode(_ file: SourceFile) throws(DocumentError) -> [RetentionPolicy.Rule] {
        var decoder = RetentionRulesDecoder(reader: try DocumentReader(file))
        let rules = decoder.rules()
        try decoder.reader.finish()
        return rules
    }

    private mutating func rules() -> [RetentionPolicy.Rule] {
        guard
            let object = reader.document(
                ProfilesGroup.groupVersion.description, "RetentionRules", fields: ["rules"])
        else { return [] }
        guard let items = object["rules"]?.arrayValue else {
            reader.fault(
                "rules", object["rules"].map { "must be a list, not \($0.typeName)" } ?? "Required value: a list")
            return []
        }
        guard items.count <= Self.limit else {
            reader.fault("rules", "has \(items.count) rules, at most \(Self.limit) are read")
            return []
        }
        var rules: [RetentionPolicy.Rule] = []
        for (index, item) in items.enumerated() {
            if let last = rules.last, last.namespaces.isEmpty, last.classes.isEmpty, reader.isClean {
                reader.fault("rules[\(index)]", "is never reached: rules[\(index - 1)] is for everything")
            }
            rules.append(rule(item, "rules[\(index)]"))
        }
        return rules
    }

    private mutating func rule(_ value: JSONValue, _ path: String) -> RetentionPolicy.Rule {
        guard let object = reader.object(value, at: path, fields: ["namespaces", "retention", "types"]) else {
            return RetentionPolicy.Rule(lifetime: .forever)
        }
        let types = ProfileType.allCases.map(\.rawValue)
        return RetentionPolicy.Rule(
            namespaces: texts(object, "namespaces", path) { name in
                Names.dns1123Label(name).isEmpty ? nil : "is not the name of a namespace"
            },
            classes: texts(object, "types", path) { type in
                types.contains(type) ? nil : "is not one of \(types.joined(separator: ", "))"
            }, lifetime: lifetime(object, path))
    }

    private mutating func lifetime(_ object: JSONObject, _ path: String) -> RetentionPolicy.Lifetime {
        let place = "\(path).retention"
        guard let value = object["retention"], !value.isNull else {
            reader.fault(place, "Required value: a duration such as 240h; 0 keeps for ever")
            return .forever
        }
        guard let text = value.stringValue ?? (value.integerValue == 0 ? "0" : nil) else {
            reader.fault(place, "must be a duration such as \"240h\", not \(DocumentReader.shown(value))")
            return .forever
        }
        guard let lifetime = RetentionPolicy.Lifetime(goDuration: text) else {
            reader.fault(place, "Invalid value: \(text.quoted): \(RetentionPolicy.Lifetime.accepted)")
            return .forever
        }
        return lifetime
    }

    /// A list of texts, each of which `check` finds nothing wrong with; no list is an empty one.
    private mutating func texts(
        _ object: JSONObject, _ name: String, _ path: String, check: (String) -> String?
    ) -> Set<String> {
        guard let texts = reader.texts(object, name, path) else { return [] }
        if object[name]?.arrayValue?.isEmpty ?? false {
            reader.fault("\(path).\(name)", "must name at least one; leave the field out for all")
        }
        for (text, place) in texts {
            if let why = check(text) { reader.fault(place, "Invalid value: \(text.quoted): \(why)") }
        }
        return Set(texts.map(\.text))
    }
}
