/// Turns schemas into those of a document and collects the named ones as its definitions.
///
/// Rules of Kubernetes: a reference in an object's field stands in an `allOf` with the field's description in OpenAPI 3.0, beside
/// the description in Swagger 2.0; topologies are `x-kubernetes-list-type`, `-list-map-keys` and `-map-type`.
struct OpenAPIDefinitions {
    let dialect: OpenAPIDialect
    /// The kinds of definitions that are kinds, by definition name.
    let kinds: [String: [GroupVersionKind]]
    /// What has been collected, by name.
    private(set) var all: [String: JSONValue] = [:]

    init(_ dialect: OpenAPIDialect, kinds: [String: [GroupVersionKind]]) {
        self.dialect = dialect
        self.kinds = kinds
    }

    /// The definitions as a document has them: sorted by name.
    var document: JSONValue {
        .object(JSONObject(all.sorted { $0.key.precedesBytewise($1.key) }.map { ($0.key, $0.value) }))
    }

    /// The schema: a reference where it has a name, and then it is collected; else written out.
    mutating func schema(_ schema: Schema) -> JSONValue {
        guard let name = schema.definitionName else { return .object(described(shape(schema), schema.description)) }
        if all[name] == nil {
            all[name] = .null  // Its place, while it is being made.
            var definition = described(shape(schema), schema.description)
            if let kinds = kinds[name] {
                definition["x-kubernetes-group-version-kind"] = .array(kinds.map(\.openAPI))
            }
            all[name] = .object(definition)
        }
        return dialect.reference(to: name)
    }

    /// A field of an object.
    private mutating func property(_ field: Schema.Field) -> JSONValue {
        let type = schema(field.schema)
        var property = type.objectValue ?? JSONObject()
        if field.schema.definitionName != nil, dialect == .v3 { property = ["allOf": [type]] }
        if let value = field.defaultValue { property["default"] = value }
        if field.schema.direction == .toServer, dialect == .v3 { property["writeOnly"] = true }
        return .object(described(property, field.description))
    }

    private func described(_ object: JSONObject, _ description: String) -> JSONObject {
        var object = object
        if !description.isEmpty { object["description"] = .string(description) }
        return object
    }

    private mutating func shape(_ schema: Schema) -> JSONObject {
        var object: JSONObject
        switch schema.shape {
        case .object(let rules): object = shape(rules)
        case .map(let value, let topology):
            object = ["type": "object", "additionalProperties": self.schema(value)]
            if topology == .atomic { object["x-kubernetes-map-type"] = "atomic" }
        case .array(let element, let rules): object = shape(rules, element)
        case .string(let rules): object = Self.shape(rules)
        case .integer(let rules): object = Self.shape(rules)
        case .number: object = ["type": "number", "format": "double"]
        case .boolean: object = ["type": "boolean"]
        case .integerOrString:
            object = ["format": "int-or-string"]
            switch dialect {
            case .v2: object["type"] = "string"
            case .v3: object["oneOf"] = [["type": "integer"], ["type": "string"]]
            }
        case .any: object = ["x-kubernetes-preserve-unknown-fields": true]
        }
        // Swagger 2.0 has no word for it.
        if schema.isNullable, dialect == .v3 { object["nullable"] = true }
        return object
    }

    private mutating func shape(_ rules: Schema.ObjectRules) -> JSONObject {
        var object: JSONObject = ["type": "object"]
        // One definition is told for requests and answers: what is never returned can't be required.
        let required = rules.fields.filter {
            $0.isRequired && $0.defaultValue == nil && $0.schema.direction != .toServer
        }
        if !required.isEmpty { object["required"] = .array(required.map { .string($0.name) }) }
        if !rules.fields.isEmpty {
            var properties = JSONObject()
            for field in rules.fields.sorted(by: { $0.name.precedesBytewise($1.name) }) {
                properties[field.name] = property(field)
            }
            object["properties"] = .object(properties)
        }
        if rules.topology == .atomic { object["x-kubernetes-map-type"] = "atomic" }
        if rules.keepsUnknownFields { object["x-kubernetes-preserve-unknown-fields"] = true }
        return object
    }

    private mutating func shape(_ rules: Schema.ArrayRules, _ element: Schema) -> JSONObject {
        var object: JSONObject = ["type": "array", "items": schema(element)]
        if rules.minItems > 0 { object["minItems"] = .integer(Int64(rules.minItems)) }
        if let most = rules.maxItems { object["maxItems"] = .integer(Int64(most)) }
        switch rules.topology {
        case .atomic: object["x-kubernetes-list-type"] = "atomic"
        case .set: object["x-kubernetes-list-type"] = "set"
        case .map(let keys):
            object["x-kubernetes-list-type"] = "map"
            object["x-kubernetes-list-map-keys"] = .array(keys.map { .string($0) })
        }
        return object
    }

    private static func shape(_ rules: Schema.StringRules) -> JSONObject {
        var object: JSONObject = ["type": "string"]
        if let format = rules.format { object["format"] = .string(format.rawValue) }
        if !rules.values.isEmpty { object["enum"] = .array(rules.values.map { .string($0) }) }
        if rules.minLength > 0 { object["minLength"] = .integer(Int64(rules.minLength)) }
        if let most = rules.maxLength { object["maxLength"] = .integer(Int64(most)) }
        if let pattern = rules.pattern { object["pattern"] = .string(pattern) }
        return object
    }

    private static func shape(_ rules: Schema.IntegerRules) -> JSONObject {
        var object: JSONObject = ["type": "integer", "format": .string(rules.format.rawValue)]
        if let least = rules.minimum { object["minimum"] = .integer(least) }
        if let greatest = rules.maximum { object["maximum"] = .integer(greatest) }
        return object
    }
}
