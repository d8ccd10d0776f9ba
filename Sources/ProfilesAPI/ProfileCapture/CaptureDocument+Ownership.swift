internal import APIMachinery

extension CaptureDocument {
    /// The name under which the server's own writes stand in managedFields.
    static let manager = "profefe-apiserver"

    private static let owners = FieldManager(
        CaptureSchema.schema, apiVersion: ProfilesGroup.groupVersion.description, part: .status)

    /// Notes that the server wrote the status, if it is tracked who owns what.
    mutating func recordStatus(at time: Timestamp) {
        guard let json = metadata.managedFields, let fields = try? ManagedFields(json: json) else { return }
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.object("status") { status.encode(into: &$0, generation: metadata.generation) }
        }
        guard let object = try? JSONValue.parse(writer.bytes) else { return }
        metadata.managedFields =
            Self.owners.rewritten(fields, object, by: FieldWriter(Self.manager, at: time)).json
    }
}
