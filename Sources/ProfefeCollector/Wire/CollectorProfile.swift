public import APIMachinery

/// What a collector tells of a profile, in the answer to a profile sent and in the answers of a search.
public struct CollectorProfile: Sendable, Hashable {
    /// As the collector writes it; see ``CollectorID`` for those that can be asked for.
    public var id: String
    /// The name of the profile's type; ``type`` if it is one of those that collectors know.
    public var typeName: String
    /// The service, raw.
    public var service: String
    /// May be empty.
    public var labels: CollectorLabels
    /// When it was taken, in whole seconds.
    public var createdAt: Timestamp

    /// Metadata of its parts.
    public init(id: String, typeName: String, service: String, labels: CollectorLabels, createdAt: Timestamp) {
        self.id = id
        self.typeName = typeName
        self.service = service
        self.labels = labels
        self.createdAt = createdAt
    }

    /// Nil for a name that is none of them.
    public var type: CollectorType? { CollectorType(name: typeName) }
}

// The JSON form: `{"id","type","service","labels":[{"key","value"}],"created_at"}`, `labels` only where there are any.

extension CollectorProfile {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("id", id)
            writer.field("type", typeName)
            writer.field("service", service)
            if !labels.labels.isEmpty {
                writer.array("labels") { writer in
                    for label in labels.labels {
                        writer.object { writer in
                            writer.field("key", label.key)
                            writer.field("value", label.value)
                        }
                    }
                }
            }
            writer.field("created_at", createdAt.rfc3339())
        }
    }

    /// Reads the object; members that it doesn't know don't matter. `created_at` may have a fraction and any offset.
    ///
    /// - Parameter place: for the message: `body[3]`.
    public init(json: JSONValue, at place: String) throws(WireError) {
        func text(_ name: String) throws(WireError) -> String {
            guard let text = json[name]?.stringValue, !text.isEmpty else {
                throw WireError(.badShape, "\(place).\(name): must be a text that is not empty")
            }
            return text
        }
        let time = try text("created_at")
        guard let createdAt = Timestamp(rfc3339: time) else {
            throw WireError(.badShape, "\(place).created_at: \"\(time.prefix(64))\" is no time of RFC 3339")
        }
        self.init(
            id: try text("id"), typeName: try text("type"), service: try text("service"),
            labels: try Self.labels(json["labels"], at: place), createdAt: createdAt)
    }

    private static func labels(_ json: JSONValue?, at place: String) throws(WireError) -> CollectorLabels {
        guard let json, !json.isNull else { return CollectorLabels() }
        guard let elements = json.arrayValue else {
            throw WireError(.badShape, "\(place).labels: must be an array, not \(json.typeName)")
        }
        var labels: [CollectorLabels.Label] = []
        for (number, element) in elements.enumerated() {
            guard let key = element["key"]?.stringValue, let value = element["value"]?.stringValue else {
                throw WireError(.badShape, "\(place).labels[\(number)]: must have a key and a value")
            }
            labels.append(CollectorLabels.Label(key, value))
        }
        return CollectorLabels(labels)
    }
}
