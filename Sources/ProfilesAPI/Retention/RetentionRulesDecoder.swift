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
    private var faults: [RetentionRulesError.Fault] = []

    static func decode(_ file: SourceFile) throws(RetentionRulesError) -> [RetentionPolicy.Rule] {
        let document: JSONDocument
        do throws(YAMLError) {
            document = try YAML.parse(file.bytes)
        } catch {
            throw RetentionRulesError(
                file: file.path, faults: [.init(place: "line \(error.line)", message: error.message)])
        }
        var decoder = RetentionRulesDecoder()
        for field in document.duplicateFields { decoder.fault(field, "is given twice") }
        let rules = decoder.rules(document.value)
        guard decoder.faults.isEmpty else { throw RetentionRulesError(file: file.path, faults: decoder.faults) }
        return rules
    }

    private mutating func rules(_ value: JSONValue) -> [RetentionPolicy.Rule] {
        guard let object = value.objectValue else {
            fault("", "must be an object with apiVersion, kind and rules, not \(value.typeName)")
            return []
        }
        refuseUnknown(object, ["apiVersion", "kind", "metadata", "rules"], "")
        expect(object, "apiVersion", ProfilesGroup.groupVersion.description)
        expect(object, "kind", "RetentionRules")
        guard let items = object["rules"]?.arrayValue else {
            fault("rules", object["rules"].map { "must be a list, not \($0.typeName)" } ?? "Required value: a list")
            return []
        }
        guard items.count <= Self.limit else {
            fault("rules", "has \(items.count) rules, at most \(Self.limit) are read")
            return []
        }
        var rules: [RetentionPolicy.Rule] = []
        for (index, item) in items.enumerated() {
            if let last = rules.last, last.namespaces.isEmpty, last.classes.isEmpty, faults.isEmpty {
                fault("rules[\(index)]", "is never reached: rules[\(index - 1)] is for everything")
            }
            rules.append(rule(item, "rules[\(index)]"))
        }
        return rules
    }

    private mutating func rule(_ value: JSONValue, _ path: String) -> RetentionPolicy.Rule {
        guard let object = value.objectValue else {
            fault(path, "must be an object, not \(value.typeName)")
            return RetentionPolicy.Rule(lifetime: .forever)
        }
        refuseUnknown(object, ["namespaces", "retention", "types"], path)
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
            fault(place, "Required value: a duration such as 240h; 0 keeps for ever")
            return .forever
        }
        guard let text = value.stringValue ?? (value.integerValue == 0 ? "0" : nil) else {
            fault(place, "must be a duration such as \"240h\", not \(Self.shown(value))")
            return .forever
        }
        guard let lifetime = RetentionPolicy.Lifetime(goDuration: text) else {
            fault(place, "Invalid value: \(text.quoted): \(RetentionPolicy.Lifetime.accepted)")
            return .forever
        }
        return lifetime
    }
}

// MARK: fields

extension RetentionRulesDecoder {
    private mutating func fault(_ place: String, _ message: String) {
        faults.append(.init(place: place, message: message))
    }

    /// A value in a message; long ones cut.
    private static func shown(_ value: JSONValue) -> String {
        let text = String(decoding: value.encoded(), as: UTF8.self)
        return text.count > 80 ? "\(text.prefix(80))…" : text
    }

    private mutating func refuseUnknown(_ object: JSONObject, _ known: Set<String>, _ path: String) {
        for (name, _) in object where !known.contains(name) {
            fault(path.isEmpty ? name : "\(path).\(name)", "no such field")
        }
    }

    private mutating func expect(_ object: JSONObject, _ name: String, _ expected: String) {
        guard object[name]?.stringValue != expected else { return }
        let found = object[name].map { Self.shown($0) } ?? "nothing"
        fault(name, "must be \(expected.quoted), not \(found)")
    }

    /// A list of texts, each of which `check` finds nothing wrong with; no list is an empty one.
    private mutating func texts(
        _ object: JSONObject, _ name: String, _ path: String, check: (String) -> String?
    ) -> Set<String> {
        let place = "\(path).\(name)"
        guard let value = object[name], !value.isNull else { return [] }
        guard let list = value.arrayValue else {
            fault(place, "must be a list, not \(value.typeName)")
            return []
        }
        if list.isEmpty { fault(place, "must name at least one; leave the field out for all") }
        var texts: Set<String> = []
        for (index, item) in list.enumerated() {
            guard let text = item.stringValue else {
                fault("\(place)[\(index)]", "must be a string, not \(Self.shown(item))")
                continue
            }
            if let why = check(text) { fault("\(place)[\(index)]", "Invalid value: \(text.quoted): \(why)") }
            texts.insert(text)
        }
        return texts
    }
}

/// A file of retention rules that can't be used, with everything that is wrong with it.
public struct RetentionRulesError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Fault: Sendable, Equatable {
        /// `line 7` of a text that is no YAML, else the field: `rules[2].types[0]`; empty for the whole document.
        public let place: String
        /// What is wrong, with the value and what is allowed.
        public let message: String
    }

    /// The file.
    public let file: String
    /// At least one.
    public let faults: [Fault]

    /// File, place and message of each fault, `; ` between them.
    public var description: String {
        faults.map { fault in
            fault.place.isEmpty ? "\(file): \(fault.message)" : "\(file): \(fault.place): \(fault.message)"
        }.joined(separator: "; ")
    }
}
