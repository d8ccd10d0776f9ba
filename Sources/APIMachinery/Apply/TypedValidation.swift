/// Checks that an applied object fits its type: what can't be taken apart can't be owned.
///
/// Texts are those of structured-merge-diff: `.spec.bogus: field not declared in schema`.
struct TypedValidation {
    /// The most faults told.
    private static let limit = 20

    private(set) var faults: [String] = []
    private var path: [PathElement] = []

    init(_ value: JSONValue, _ schema: Schema) {
        check(value, schema)
    }

    /// All faults as one text; nil if there is none.
    var message: String? {
        faults.count > 1 ? "errors:\n" + faults.map { "  \($0)" }.joined(separator: "\n") : faults.first
    }

    private mutating func report(_ message: String) {
        if faults.count < Self.limit { faults.append(path.isEmpty ? message : "\(path.text): \(message)") }
    }

    private mutating func check(_ value: JSONValue, _ schema: Schema) {
        if value.isNull { return }
        switch schema.shape {
        case .object(let rules):
            checkMembers(value) { rules.field($0)?.schema ?? (rules.keepsUnknownFields ? .any : nil) }
        case .map(let element, _): checkMembers(value) { _ in element }
        case .array(let element, let rules): checkList(value, element, rules.topology)
        case .string:
            if value.stringValue == nil { report("expected string, got \(PathElement.text(value))") }
        case .integer, .number:
            if value.doubleValue == nil { report("expected numeric (int or float), got \(Self.goType(value))") }
        case .boolean:
            if value.boolValue == nil { report("expected boolean, got \(PathElement.text(value))") }
        case .integerOrString:
            if value.objectValue != nil || value.arrayValue != nil {
                report("expected any scalar, got \(PathElement.text(value))")
            }
        case .any: break
        }
    }

    private mutating func checkMembers(_ value: JSONValue, _ type: (String) -> Schema?) {
        guard case .object(let members) = value else { return report("expected map, got \(PathElement.text(value))") }
        for (name, member) in members {
            path.append(.field(name))
            if let type = type(name) { check(member, type) } else { report("field not declared in schema") }
            path.removeLast()
        }
    }

    private mutating func checkList(_ value: JSONValue, _ element: Schema, _ topology: Schema.ListTopology) {
        guard case .array(let values) = value else { return report("expected list, got \(PathElement.text(value))") }
        let names: ElementNames? =
            switch topology {
            case .atomic: nil
            case .set: ElementNames(element: element, keys: [])
            case .map(let keys): ElementNames(element: element, keys: keys)
            }
        var seen: [PathElement] = []
        for (index, value) in values.enumerated() {
            var name = PathElement.index(index)
            if let names {
                do throws(ElementNames.Fault) {
                    name = try names.name(of: value)
                } catch {
                    report("element \(index): \(error)")
                    return
                }
                seen.append(name)
            }
            path.append(name)
            check(value, element)
            path.removeLast()
        }
        reportTwins(seen)
    }

    private mutating func reportTwins(_ names: [PathElement]) {
        let sorted = names.sorted { PathElement.compare($0, $1) < 0 }
        for (name, next) in zip(sorted, sorted.dropFirst()) where name == next {
            report("duplicate entries for key \(name)")
        }
    }

    private static func goType(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool: "bool"
        case .integer: "int64"
        case .number: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
