internal import APIMachinery

/// A `Status` as the body of an answer.
enum StatusEncoding {
    /// The bytes and their media type: JSON, unless the client accepts YAML only.
    static func encode(_ status: Status, accept: String?) -> (bytes: [UInt8], mediaType: String) {
        var writer = JSONWriter(capacity: 512)
        write(status, into: &writer)
        return (writer.bytes + [UInt8(ascii: "\n")], "application/json")
    }

    private static func write(_ status: Status, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("kind", "Status")
        writer.field("apiVersion", "v1")
        writer.key("metadata")
        writer.raw(Array("{}".utf8))
        writer.field("status", status.outcome.rawValue)
        if !status.message.isEmpty { writer.field("message", status.message) }
        if !status.reason.description.isEmpty { writer.field("reason", status.reason.description) }
        if let details = status.details {
            writer.key("details")
            write(details, into: &writer)
        }
        if status.code != 0 { writer.field("code", status.code) }
        writer.endObject()
    }

    private static func write(_ details: StatusDetails, into writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in [("name", details.name), ("group", details.group), ("kind", details.kind), ("uid", details.uid)]
        where !value.isEmpty {
            writer.field(name, value)
        }
        if details.retryAfterSeconds > 0 { writer.field("retryAfterSeconds", details.retryAfterSeconds) }
        writer.endObject()
    }
}
