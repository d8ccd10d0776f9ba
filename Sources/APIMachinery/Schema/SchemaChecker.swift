internal import Digests

/// Walks a value along its schema, collecting what is wrong with it.
struct SchemaChecker {
    /// The most faults, and the most unknown fields, told; a hostile body could have millions.
    static let reportLimit = 100

    private(set) var unknownFields: [String] = []
    private(set) var errors = FieldErrorList()

    mutating func check(_ value: JSONValue, _ schema: Schema, _ path: FieldPath) -> JSONValue {
        if schema.direction == .fromServer || (schema.isNullable && value.isNull) { return value }
        switch schema.shape {
        case .object(let rules): return checkObject(value, rules, path)
        case .map(let element, _): return checkMap(value, element, path)
        case .array(let element, let rules): return checkArray(value, element, rules, path)
        case .string(let rules): checkString(value, rules, path)
        case .integer(let rules): checkInteger(value, rules, path)
        case .number: if value.doubleValue == nil { report(.wrongType(path, value, expected: "number")) }
        case .boolean: if value.boolValue == nil { report(.wrongType(path, value, expected: "boolean")) }
        case .integerOrString:
            if value.stringValue == nil { checkInteger(value, Schema.IntegerRules(format: .int32), path) }
        case .any: break
        }
        return value
    }

    private mutating func report(_ error: FieldError) {
        if errors.errors.count < Self.reportLimit { errors.append(error) }
    }

    private mutating func checkObject(_ value: JSONValue, _ rules: Schema.ObjectRules, _ path: FieldPath) -> JSONValue {
        guard let object = value.objectValue else {
            report(.wrongType(path, value, expected: "object"))
            return value
        }
        var checked = JSONObject()
        for (name, member) in object {
            guard let field = rules.field(name) else {
                if rules.keepsUnknownFields {
                    checked[name] = member
                } else if unknownFields.count < Self.reportLimit {
                    unknownFields.append(path.child(name).description)
                }
                continue
            }
            if member.isNull, !field.schema.isNullable { continue }
            checked[name] = check(member, field.schema, path.child(name))
        }
        for field in rules.fields where !checked.contains(field.name) {
            if let value = field.defaultValue {
                checked[field.name] = check(value, field.schema, path.child(field.name))
            } else if field.isRequired {
                report(.required(path.child(field.name)))
            }
        }
        return .object(checked)
    }

    private mutating func checkMap(_ value: JSONValue, _ element: Schema, _ path: FieldPath) -> JSONValue {
        guard let object = value.objectValue else {
            report(.wrongType(path, value, expected: "object"))
            return value
        }
        var checked = JSONObject()
        for (key, member) in object { checked[key] = check(member, element, path.key(key)) }
        return .object(checked)
    }

    private mutating func checkArray(
        _ value: JSONValue, _ element: Schema, _ rules: Schema.ArrayRules, _ path: FieldPath
    ) -> JSONValue {
        guard let elements = value.arrayValue else {
            report(.wrongType(path, value, expected: "array"))
            return value
        }
        if elements.count < rules.minItems { report(.tooFew(path, count: elements.count, limit: rules.minItems)) }
        if let limit = rules.maxItems, elements.count > limit {
            report(.tooMany(path, count: elements.count, limit: limit))
            return value
        }
        var checked: [JSONValue] = []
        checked.reserveCapacity(elements.count)
        for (index, member) in elements.enumerated() { checked.append(check(member, element, path.index(index))) }
        checkUnique(checked, rules.topology, path)
        return .array(checked)
    }

    private mutating func checkUnique(_ elements: [JSONValue], _ topology: Schema.ListTopology, _ path: FieldPath) {
        if topology == .atomic { return }
        var seen: Set<[UInt8]> = []
        for (index, element) in elements.enumerated() {
            var identity = element
            if case .map(let keys) = topology {
                guard let object = element.objectValue else { continue }
                identity = .object(JSONObject(keys.map { ($0, object[$0] ?? .null) }))
            }
            if !seen.insert(identity.encoded()).inserted { report(.duplicate(path.index(index), .json(identity))) }
        }
    }

    private mutating func checkInteger(_ value: JSONValue, _ rules: Schema.IntegerRules, _ path: FieldPath) {
        guard let number = value.integerValue else {
            report(.wrongType(path, value, expected: "integer"))
            return
        }
        let isNarrow = rules.format == .int32
        let least = rules.minimum ?? (isNarrow ? Int64(Int32.min) : .min)
        let greatest = rules.maximum ?? (isNarrow ? Int64(Int32.max) : .max)
        if number < least {
            report(
                .invalid(path, .integer(number), "\(path) in body should be greater than or equal to \(least)"))
        } else if number > greatest {
            report(
                .invalid(path, .integer(number), "\(path) in body should be less than or equal to \(greatest)"))
        }
    }

    private mutating func checkString(_ value: JSONValue, _ rules: Schema.StringRules, _ path: FieldPath) {
        guard case .string(let text) = value else {
            report(.wrongType(path, value, expected: "string"))
            return
        }
        if let limit = rules.maxLength, text.utf8.count > limit {
            report(.tooLong(path, limit: limit))
            return
        }
        if rules.minLength > 0, text.unicodeScalars.count < rules.minLength {
            report(.tooShort(path, limit: rules.minLength))
        }
        if !rules.values.isEmpty, !rules.values.contains(text) {
            report(.notSupported(path, .text(text), supported: rules.values))
        }
        if let format = rules.format, !Self.isWellFormed(text, format) {
            let shown = text.utf8.count > 200 ? FieldError.Value(printed: "<value omitted>") : .text(text)
            report(.invalid(path, shown, "\(path) in body must be of type \(format.rawValue): \(shown)"))
        }
        for message in rules.rule?(text) ?? [] { report(.invalid(path, .text(text), message)) }
    }

    private static func isWellFormed(_ text: String, _ format: Schema.StringRules.Format) -> Bool {
        switch format {
        case .dateTime: Timestamp(rfc3339: text) != nil
        case .duration: Duration(goDuration: text) != nil
        case .byte: Base64.decode(text) != nil
        }
    }
}
