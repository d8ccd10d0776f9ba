// Short forms, so that a type reads like its documentation.

extension Schema {
    /// An object with named fields.
    public static func object(
        _ fields: [Field], topology: MapTopology = .granular, keepsUnknownFields: Bool = false
    ) -> Schema {
        Schema(.object(ObjectRules(fields: fields, topology: topology, keepsUnknownFields: keepsUnknownFields)))
    }

    /// A map from texts to values of one type.
    public static func map(of value: Schema, topology: MapTopology = .granular) -> Schema {
        Schema(.map(of: value, topology: topology))
    }

    /// An array of elements of one type.
    public static func array(
        of element: Schema, topology: ListTopology = .atomic, minItems: Int = 0, maxItems: Int? = nil
    ) -> Schema {
        Schema(.array(of: element, rules: ArrayRules(topology: topology, minItems: minItems, maxItems: maxItems)))
    }

    /// A text without rules.
    public static let string = Schema(.string(StringRules()))

    /// A text with rules.
    public static func string(
        minLength: Int = 0, maxLength: Int? = nil, pattern: String? = nil, rule: Names.Rule? = nil
    ) -> Schema {
        Schema(.string(StringRules(minLength: minLength, maxLength: maxLength, pattern: pattern, rule: rule)))
    }

    /// One of the given texts.
    public static func enumeration(_ values: [String]) -> Schema { Schema(.string(StringRules(values: values))) }

    /// A span of time in Go's form: `30s`, `1h30m`.
    public static let duration = Schema(.string(StringRules(format: .duration)))
    /// Bytes in base64.
    public static let bytes = Schema(.string(StringRules(format: .byte)))
    /// A truth value.
    public static let boolean = Schema(.boolean)
    /// Any number.
    public static let number = Schema(.number)
    /// A whole number of 32 bits or a text, such as a port.
    public static let integerOrString = Schema(.integerOrString)
        .described("A whole number or a text.").named("io.k8s.apimachinery.pkg.util.intstr.IntOrString")
    /// Anything.
    public static let any = Schema(.any)

    /// A whole number.
    public static func integer(
        _ format: IntegerRules.Format = .int64, minimum: Int64? = nil, maximum: Int64? = nil
    ) -> Schema {
        Schema(.integer(IntegerRules(format: format, minimum: minimum, maximum: maximum)))
    }

    /// The type with a description.
    public func described(_ description: String) -> Schema {
        var schema = self
        schema.description = description
        return schema
    }

    /// The type with `null` as a value of its own.
    public var nullable: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    /// The type as the server alone sets it: told, but a client's value is not checked.
    public var setByServer: Schema {
        var schema = self
        schema.direction = .fromServer
        return schema
    }

    /// The type as clients send it and never get it back.
    public var neverReturned: Schema {
        var schema = self
        schema.direction = .toServer
        return schema
    }

    /// The type under the name of an OpenAPI definition.
    public func named(_ definitionName: String) -> Schema {
        var schema = self
        schema.definitionName = definitionName
        return schema
    }
}
