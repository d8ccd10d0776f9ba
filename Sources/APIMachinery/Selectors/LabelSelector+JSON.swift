extension LabelSelector {
    /// Reads a `LabelSelector` of `meta.k8s.io/v1`: `matchLabels` and `matchExpressions`, all of which must hold.
    ///
    /// - Parameters:
    ///   - json: the value; nil and `null` select everything, as does the empty object.
    ///   - path: where it is.
    ///   - errors: what is wrong is added here; faulty conditions are left out, so don't use a faulty selector.
    public init(json: JSONValue?, path: FieldPath, errors: inout FieldErrorList) {
        guard let json, !json.isNull else {
            self = .everything
            return
        }
        guard let object = json.objectValue else {
            errors.append(.wrongType(path, json, expected: "object"))
            self = .everything
            return
        }
        var reader = MemberReader(object, path: path)
        let labels = reader.labels("matchLabels") ?? Labels()
        let faults = labels.validateAsLabels(path.child("matchLabels"))
        errors += faults
        var requirements: [Requirement] = []
        for pair in labels {
            if let requirement = try? Requirement(pair.key, .isIn, [pair.value]) { requirements.append(requirement) }
        }
        for (index, element) in (reader.array("matchExpressions") ?? []).enumerated() {
            let place = path.child("matchExpressions").index(index)
            if let requirement = Self.requirement(element, place, &errors) { requirements.append(requirement) }
        }
        errors += reader.errors
        self.init(requirements)
    }

    private static let operators = ["In", "NotIn", "Exists", "DoesNotExist"]

    private static func requirement(
        _ json: JSONValue, _ path: FieldPath, _ errors: inout FieldErrorList
    ) -> Requirement? {
        guard let object = json.objectValue else {
            errors.append(.wrongType(path, json, expected: "object"))
            return nil
        }
        var reader = MemberReader(object, path: path)
        let key = reader.string("key") ?? ""
        let name = reader.string("operator") ?? ""
        let values = reader.strings("values") ?? []
        var faults = reader.errors
        let comparison = operators.contains(name) ? Requirement.Operator(rawValue: name) : nil
        switch comparison {
        case .isIn, .notIn:
            if values.isEmpty {
                faults.append(
                    .required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"))
            }
        case .exists, .doesNotExist:
            if !values.isEmpty {
                faults.append(
                    .forbidden(
                        path.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
            }
        default: faults.append(.invalid(path.child("operator"), .text(name), "not a valid selector operator"))
        }
        faults.append(path.child("key"), key, Names.qualifiedName(key))
        for (index, value) in values.enumerated() {
            faults.append(path.child("values").index(index), value, Names.labelValue(value))
        }
        errors += faults
        guard faults.isEmpty, let comparison else { return nil }
        return try? Requirement(key, comparison, values)
    }
}
