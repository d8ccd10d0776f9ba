// kubectl's own bookkeeping from before there was server-side apply: the annotation with the object it last applied. A kubectl
// that changes over to server-side apply owns nothing yet; it may take what the annotation says it has set.

extension FieldManager {
    static let lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration"
    /// The manager that the rules of the annotation hold for; users who don't want them name another.
    private static let kubectl = "kubectl"

    /// The fields that kubectl set before without owning them: those that the annotation says and that still are so. Nil
    /// where there is no annotation that can be used, and for other managers.
    func lastApplied(in live: JSONValue, for manager: String) -> FieldSet? {
        guard manager == Self.kubectl, let annotation = Self.annotation(of: live),
            let value = try? JSONValue.parse(Array(annotation.utf8)), value["apiVersion"]?.stringValue == apiVersion,
            TypedValidation(value, schema).faults.isEmpty
        else { return nil }
        let said = ownable(value)
        let difference = TypedComparison(said, ownable(live), schema)
        return FieldSet(appliedBy: said, schema)
            .subtracting(difference.modified).subtracting(difference.added).subtracting(difference.removed)
    }

    /// The object with its annotation brought up to what was applied, if kubectl applied it and it has one.
    public func withLastApplied(_ object: JSONValue, _ applied: AppliedObject) -> JSONValue {
        guard applied.writer.manager == Self.kubectl, Self.annotation(of: object) != nil,
            var members = object.objectValue, var metadata = members["metadata"]?.objectValue,
            var annotations = metadata["annotations"]?.objectValue
        else { return object }
        annotations[Self.lastAppliedAnnotation] = .string(Self.text(of: applied.value))
        metadata["annotations"] = .object(annotations)
        members["metadata"] = .object(metadata)
        return .object(members)
    }

    private static func annotation(of object: JSONValue) -> String? {
        let text = object["metadata"]?["annotations"]?[lastAppliedAnnotation]?.stringValue
        return text?.isEmpty == false ? text : nil
    }

    /// The object without the annotation, as one line of JSON, the members sorted by name.
    private static func text(of object: JSONValue) -> String {
        var object = object
        if var members = object.objectValue, var metadata = members["metadata"]?.objectValue,
            var annotations = metadata["annotations"]?.objectValue
        {
            annotations[lastAppliedAnnotation] = nil
            metadata["annotations"] = .object(annotations)
            members["metadata"] = .object(metadata)
            object = .object(members)
        }
        return String(decoding: object.sorted.encoded(), as: UTF8.self) + "\n"
    }
}

extension JSONValue {
    /// The same value with the members of its objects sorted by name.
    fileprivate var sorted: JSONValue {
        switch self {
        case .object(let members): .object(JSONObject(members.sorted().map { ($0.key, $0.value.sorted) }))
        case .array(let elements): .array(elements.map(\.sorted))
        default: self
        }
    }
}
