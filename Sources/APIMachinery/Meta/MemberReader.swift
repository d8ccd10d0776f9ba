/// Reads members of a JSON object by type; a member of another type is a field error, `null` counts as missing.
struct MemberReader {
    let object: JSONObject
    let path: FieldPath
    var errors = FieldErrorList()

    init(_ object: JSONObject, path: FieldPath) {
        self.object = object
        self.path = path
    }

    mutating func string(_ name: String) -> String? { read(name, "string", \.stringValue) }
    mutating func integer(_ name: String) -> Int64? { read(name, "integer", \.integerValue) }
    mutating func bool(_ name: String) -> Bool? { read(name, "boolean", \.boolValue) }
    mutating func array(_ name: String) -> [JSONValue]? { read(name, "array", \.arrayValue) }

    mutating func object(_ name: String) -> MemberReader? {
        read(name, "object", \.objectValue).map { MemberReader($0, path: path.child(name)) }
    }

    mutating func strings(_ name: String) -> [String]? {
        guard let elements = array(name) else { return nil }
        return elements.enumerated().map { index, element in
            if case .string(let text) = element { return text }
            errors.append(.wrongType(path.child(name).index(index), element, expected: "string"))
            return ""
        }
    }

    /// A map of texts, such as labels.
    mutating func labels(_ name: String) -> Labels? {
        guard let members = object(name) else { return nil }
        return Labels(
            members.object.map { key, value in
                if case .string(let text) = value { return (key, text) }
                // Null is the empty text, as Go's decoder has it.
                if !value.isNull {
                    errors.append(.wrongType(path.child(name).key(key), value, expected: "string"))
                }
                return (key, "")
            })
    }

    private mutating func read<Value>(
        _ name: String, _ type: String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = object[name], !value.isNull else { return nil }
        if let converted = convert(value) { return converted }
        errors.append(.wrongType(path.child(name), value, expected: type))
        return nil
    }
}

extension FieldError {
    /// A value is of another JSON type than its field: `Invalid value: "string": spec.x in body must be of type integer: "string"`.
    static func wrongType(_ path: FieldPath, _ value: JSONValue, expected: String) -> FieldError {
        .typeInvalid(
            path, .text(value.typeName), "\(path) in body must be of type \(expected): \(value.typeName.quoted)")
    }
}

extension FieldError.Value {
    /// A JSON value: texts quoted, everything else as compact JSON, cut after 200 characters.
    public static func json(_ value: JSONValue) -> FieldError.Value {
        if case .string(let text) = value { return .text(text) }
        let text = String(decoding: value.encoded(), as: UTF8.self)
        return FieldError.Value(printed: text.count > 200 ? "\(text.prefix(200))…" : text)
    }
}
