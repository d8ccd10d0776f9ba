extension Status {
    /// Writes the status as a JSON object of `v1`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("kind", "Status")
        writer.field("apiVersion", "v1")
        writer.object("metadata") { $0.fieldIfPresent("continue", continueToken) }
        writer.field("status", outcome.rawValue)
        writer.fieldIfPresent("message", message)
        writer.fieldIfPresent("reason", reason.description)
        if let details {
            writer.key("details")
            details.encode(into: &writer)
        }
        writer.fieldIfPresent("code", code == 0 ? nil : Int64(code))
        writer.endObject()
    }

    /// The status as compact JSON, without a newline at its end.
    public var encoded: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        encode(into: &writer)
        return writer.bytes
    }
}

extension StatusDetails {
    func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.fieldIfPresent("name", name)
        writer.fieldIfPresent("group", group)
        writer.fieldIfPresent("kind", kind)
        writer.fieldIfPresent("uid", uid)
        if !causes.isEmpty {
            writer.array("causes") { writer in
                for cause in causes {
                    writer.beginObject()
                    writer.fieldIfPresent("reason", cause.reason)
                    writer.fieldIfPresent("message", cause.message)
                    writer.fieldIfPresent("field", cause.field)
                    writer.endObject()
                }
            }
        }
        writer.fieldIfPresent("retryAfterSeconds", retryAfterSeconds > 0 ? Int64(retryAfterSeconds) : nil)
        writer.endObject()
    }
}
