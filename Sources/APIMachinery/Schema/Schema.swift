/// The description of a type of the API: one tree of plain data that checks bodies (`check`), and from which OpenAPI
/// documents and server-side apply can be driven.
public struct Schema: Sendable {
    /// What values have.
    public indirect enum Shape: Sendable {
        /// Named fields.
        case object(ObjectRules)
        /// Any keys, values of one type.
        case map(of: Schema, topology: MapTopology)
        /// Elements of one type.
        case array(of: Schema, rules: ArrayRules)
        /// A text.
        case string(StringRules)
        /// A whole number of 64 bits.
        case integer(IntegerRules)
        /// Any number.
        case number
        /// A truth value.
        case boolean
        /// A whole number of 32 bits or a text, such as a port.
        case integerOrString
        /// Anything; kept as it is.
        case any
    }

    /// How server-side apply merges an object or map.
    public enum MapTopology: String, Sendable, Hashable {
        /// Field by field.
        case granular
        /// As a whole.
        case atomic
    }

    /// How server-side apply merges an array.
    public enum ListTopology: Sendable, Hashable {
        /// As a whole.
        case atomic
        /// As a set of scalars: none occurs twice.
        case set
        /// By the values of the given fields of its elements: no combination occurs twice.
        case map(keys: [String])
    }

    /// Who says a value to whom.
    public enum Direction: Sendable, Hashable {
        /// Clients and the server to each other.
        case both
        /// The server to clients: what a client sends is taken as it is and counts for nothing.
        case fromServer
        /// Clients to the server, which never returns it.
        case toServer
    }

    /// What values have.
    public var shape: Shape
    /// What the type means, for `kubectl explain`.
    public var description: String
    /// Whether `null` is a value of its own; else it counts as missing.
    public var isNullable: Bool
    /// Who says it to whom.
    public var direction = Direction.both
    /// The name of the type's OpenAPI definition, such as `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`; nil for
    /// types that are written out in place.
    public var definitionName: String?

    /// A type of its parts.
    public init(
        _ shape: Shape, description: String = "", isNullable: Bool = false, definitionName: String? = nil
    ) {
        self.shape = shape
        self.description = description
        self.isNullable = isNullable
        self.definitionName = definitionName
    }

    /// One field of an object.
    public struct Field: Sendable {
        /// Its name.
        public let name: String
        /// Its type.
        public let schema: Schema
        /// What it means; the type's own description if empty.
        public let description: String
        /// Whether it must be there.
        public let isRequired: Bool
        /// What stands for a missing one.
        public let defaultValue: JSONValue?

        /// A field of its parts.
        public init(
            _ name: String, _ schema: Schema, _ description: String = "", required: Bool = false,
            default defaultValue: JSONValue? = nil
        ) {
            self.name = name
            self.schema = schema
            self.description = description.isEmpty ? schema.description : description
            self.isRequired = required
            self.defaultValue = defaultValue
        }
    }

    /// What holds for objects with named fields.
    public struct ObjectRules: Sendable {
        /// The fields.
        public var fields: [Field]
        /// How apply merges the object.
        public var topology: MapTopology
        /// Whether unknown fields are kept instead of dropped.
        public var keepsUnknownFields: Bool

        /// Rules of their parts.
        public init(fields: [Field], topology: MapTopology = .granular, keepsUnknownFields: Bool = false) {
            self.fields = fields
            self.topology = topology
            self.keepsUnknownFields = keepsUnknownFields
        }

        /// The field of this name.
        public func field(_ name: String) -> Field? { fields.first { $0.name == name } }
    }

    /// What holds for arrays.
    public struct ArrayRules: Sendable, Hashable {
        /// How apply merges the array.
        public var topology: ListTopology
        /// The fewest elements.
        public var minItems: Int
        /// The most elements; nil for no limit of its own.
        public var maxItems: Int?

        /// Rules of their parts.
        public init(topology: ListTopology = .atomic, minItems: Int = 0, maxItems: Int? = nil) {
            self.topology = topology
            self.minItems = minItems
            self.maxItems = maxItems
        }
    }

    /// What holds for texts.
    public struct StringRules: Sendable {
        /// How a text must be built, by OpenAPI's words; `duration` is `30s`, `1h30m`.
        public enum Format: String, Sendable, Hashable {
            case dateTime = "date-time"
            case duration = "duration"
            case byte = "byte"
        }

        /// The only values; empty for no such limit.
        public var values: [String]
        /// How a text must be built.
        public var format: Format?
        /// The fewest characters.
        public var minLength: Int
        /// The most bytes; nil for no limit of its own.
        public var maxLength: Int?
        /// The rule in OpenAPI's `pattern`; told there, never run.
        public var pattern: String?
        /// The rule as a function from a text to the messages of its faults.
        public var rule: Names.Rule?

        /// Rules of their parts.
        public init(
            values: [String] = [], format: Format? = nil, minLength: Int = 0, maxLength: Int? = nil,
            pattern: String? = nil, rule: Names.Rule? = nil
        ) {
            self.values = values
            self.format = format
            self.minLength = minLength
            self.maxLength = maxLength
            self.pattern = pattern
            self.rule = rule
        }
    }

    /// What holds for whole numbers.
    public struct IntegerRules: Sendable, Hashable {
        /// The width, as OpenAPI tells it.
        public enum Format: String, Sendable, Hashable {
            case int32
            case int64
        }

        /// The width.
        public var format: Format
        /// The least value; nil for the least of the width.
        public var minimum: Int64?
        /// The greatest value; nil for the greatest of the width.
        public var maximum: Int64?

        /// Rules of their parts.
        public init(format: Format = .int64, minimum: Int64? = nil, maximum: Int64? = nil) {
            self.format = format
            self.minimum = minimum
            self.maximum = maximum
        }
    }
}
