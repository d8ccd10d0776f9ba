internal import APIMachinery
internal import ProfileCapture
internal import ProfileStore

/// A ProfileCapture as it is stored: metadata, the spec as it was accepted, and the status.
struct CaptureDocument: Sendable {
    var metadata: ObjectMeta
    /// With defaults filled in.
    var spec: JSONValue
    var status: CaptureStatus

    /// What field selectors may name.
    static let selectableFields: Set<String> = [phaseField, "spec.target.podName"]

    /// The field that tells the phase.
    static let phaseField = "status.phase"

    init(metadata: ObjectMeta, spec: JSONValue, status: CaptureStatus) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Reads a stored object.
    ///
    /// - Throws: ``StoreError`` `corrupt` if it is none of ours.
    init(_ stored: StoredObject) throws(StoreError) {
        guard let value = try? JSONValue.parse(stored.object.json), let spec = value["spec"], value["metadata"] != nil
        else {
            throw StoreError(.corrupt, "profilecapture \(stored.key): the stored object is not readable")
        }
        var faults = FieldErrorList()
        self.metadata = ObjectMeta(json: value["metadata"], errors: &faults)
        guard faults.isEmpty else { throw StoreError(.corrupt, "profilecapture \(stored.key): \(faults.message)") }
        self.spec = spec
        status = CaptureStatus(json: value["status"] ?? .null)
    }

    /// What the store keeps.
    var draft: ObjectDraft {
        let encoder = encoder
        var fields = [Self.phaseField: status.progress.phase.rawValue]
        fields["spec.target.podName"] = spec["target"]?["podName"]?.stringValue
        return ObjectDraft(
            resource: ProfilesGroup.captures, key: metadata.key, uid: metadata.uid, labels: metadata.labels,
            fields: fields,
            createdAt: metadata.creationTimestamp?.seconds ?? 0, encode: { encoder.encode($0) })
    }

    /// The answer to a dry run: as stored, without a resourceVersion.
    var dryRun: EncodedObject { encoder.encode(nil) }

    private var encoder: ObjectEncoder {
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            writer.field("spec", spec)
            writer.object("status") { status.encode(into: &$0, generation: metadata.generation) }
        }
        return ObjectEncoder(
            metadata: metadata, kind: ProfilesGroup.captureKind, members: Array(writer.bytes.dropFirst().dropLast()),
            cells: cells)
    }

    /// NAME STATUS TYPES PODS PROFILES DURATION AGE, wide: TARGET REQUESTED-BY MESSAGE; the order of ``CaptureColumns``.
    private var cells: [UInt8] {
        let progress = status.progress
        let chosen = progress.selected - progress.skipped
        let types = (spec["types"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ",")
        let target = spec["target"]?["podName"]?.stringValue.map { "pod/\($0)" } ?? "selector"
        return ObjectEncoder.cells(
            before: [
                metadata.name, progress.phase.rawValue, types, "\(progress.succeeded)/\(chosen)",
                String(progress.profileCount), spec["duration"]?.stringValue ?? "",
            ],
            after: [target, status.requester.name, progress.failureSummary])
    }
}
