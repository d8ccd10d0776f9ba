// A member in one call. The `…IfPresent` forms are Go's `omitempty`.

extension JSONWriter {
    /// A member with its value.
    public mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// A member with its value.
    public mutating func field(_ name: String, _ value: Int64) {
        key(name)
        integer(value)
    }

    /// A member with its value.
    public mutating func field(_ name: String, _ value: Int) {
        key(name)
        integer(value)
    }

    /// A member with its value.
    public mutating func field(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// A member with its value.
    public mutating func field(_ name: String, _ value: JSONValue) {
        key(name)
        value.encode(into: &self)
    }

    /// A member with its value.
    public mutating func field(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// A member whose value is JSON already.
    public mutating func field(_ name: String, raw json: [UInt8]) {
        key(name)
        raw(json)
    }

    /// An object, written by `body`.
    public mutating func object<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// An array, written by `body`.
    public mutating func array<Failure: Error>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// A member whose value is an object, written by `body`.
    public mutating func object<Failure: Error>(
        _ name: String, _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        key(name)
        try object(body)
    }

    /// A member whose value is an array, written by `body`.
    public mutating func array<Failure: Error>(
        _ name: String, _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        key(name)
        try array(body)
    }

    /// Nothing when nil or empty.
    public mutating func fieldIfPresent(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { field(name, value) }
    }

    /// Nothing when nil. Zero is written: pass nil where Go would omit it.
    public mutating func fieldIfPresent(_ name: String, _ value: Int64?) {
        if let value { field(name, value) }
    }

    /// Nothing when nil. False is written.
    public mutating func fieldIfPresent(_ name: String, _ value: Bool?) {
        if let value { field(name, value) }
    }

    /// Nothing when empty.
    public mutating func fieldIfPresent(_ name: String, _ values: [String]) {
        if !values.isEmpty { field(name, values) }
    }
}

extension JSONValue {
    /// Writes the value, members in their order. Recursive: a value's depth is bounded where it came from.
    public func encode(into writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .integer(let value): writer.integer(value)
        case .number(let value): writer.number(value)
        case .string(let value): writer.string(value)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.encode(into: &writer) }
            writer.endArray()
        case .object(let object):
            writer.beginObject()
            for (key, value) in object {
                writer.key(key)
                value.encode(into: &writer)
            }
            writer.endObject()
        }
    }

    /// The value as JSON, without a newline at the end.
    public func encoded(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        encode(into: &writer)
        return pretty ? JSONPretty.indent(writer.bytes) : writer.bytes
    }
}
