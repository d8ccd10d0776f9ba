internal import APIMachinery
internal import Digests
internal import ProfileReport
internal import ProfileStore

/// What the profiles of one service add up to: a ProfileService, which is stored nowhere.
struct ServiceSummary: Sendable {
    let namespace: String
    /// As the profiles say it; any text.
    let service: String
    private var counts: [String: Int] = [:]
    private var bytes: Int64 = 0
    private var firstSeen = Int64.max
    private var lastSeen = Int64.min
    private var labelKeys: Set<String> = []
    private var version = ResourceVersion(0)

    init(namespace: String, service: String) {
        self.namespace = namespace
        self.service = service
    }

    /// The service if it is an RFC 1123 subdomain, else `x-` and 8 hex digits of its SHA-256.
    var name: String { Self.name(of: service) }

    static func name(of service: String) -> String {
        guard !Names.dns1123Subdomain(service).isEmpty else { return service }
        return "x-" + SHA256.hex(Array(service.utf8)).prefix(8)
    }

    mutating func add(_ profile: StoredObject, _ fields: [String: String]) {
        counts[fields["spec.type"] ?? "", default: 0] += 1
        let size = fields[ProfileRecord.sizeField].flatMap { Int64($0) } ?? 0
        bytes = bytes.addingReportingOverflow(size).overflow ? .max : bytes + size
        firstSeen = min(firstSeen, profile.object.createdAt)
        lastSeen = max(lastSeen, profile.object.createdAt)
        version = max(version, profile.object.resourceVersion)
        for pair in profile.labels.pairs where !ProfileLabels.isOwn(pair.key) { labelKeys.insert(pair.key) }
    }

    /// The object; its version is that of its newest profile.
    func encoded(now: Timestamp) -> EncodedObject {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uuidV5(namespace: Self.uidNamespace, name: "\(namespace)/\(service)")
        metadata.creationTimestamp = Timestamp(seconds: firstSeen)
        let types = counts.keys.sorted()
        let last = Timestamp(seconds: lastSeen).map { HumanDuration.age(seconds: max(0, now.seconds - $0.seconds)) }
        let cells = ObjectEncoder.cells(
            before: [
                name, String(counts.values.reduce(0, +)), types.joined(separator: ","), last ?? "<unknown>",
                Measurement.text(bytes, unit: "bytes"),
            ], after: [])
        return ObjectEncoder(
            metadata: metadata, kind: ProfilesGroup.serviceKind, members: members(types), cells: cells
        ).encode(version)
    }

    private static let uidNamespace = SHA1.digest(Array("profefe.io/v1/ProfileService".utf8)).prefix(16).map { $0 }

    private func members(_ types: [String]) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("spec")
        writer.beginObject()
        writer.field("service", service)
        writer.endObject()
        writer.key("status")
        writer.beginObject()
        writer.key("types")
        writer.beginArray()
        for type in types {
            writer.beginObject()
            writer.field("type", type)
            writer.field("profileCount", counts[type] ?? 0)
            writer.endObject()
        }
        writer.endArray()
        writer.field("profileCount", counts.values.reduce(0, +))
        writer.field("bytes", bytes)
        for (name, seconds) in [("firstSeen", firstSeen), ("lastSeen", lastSeen)] {
            if let time = Timestamp(seconds: seconds) { writer.field(name, time.rfc3339()) }
        }
        writer.field("labelKeys", labelKeys.sorted())
        writer.endObject()
        writer.endObject()
        return Array(writer.bytes.dropFirst().dropLast())
    }
}
