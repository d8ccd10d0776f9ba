internal import APIMachinery
internal import Digests
internal import ProfileReport

/// What the profiles of one service add up to at one version: a ProfileService, which is stored nowhere.
struct ServiceSummary: Sendable, Equatable {
    let namespace: String
    /// As the profiles say it; any text.
    let service: String
    /// See ``name(of:)``.
    let name: String
    /// The types that there are profiles of, sorted, and how many.
    var counts: [TypeCount] = []
    /// All profiles as received.
    var bytes: Int64 = 0
    /// Seconds since 1970 of the oldest and the newest profile.
    var firstSeen: Int64 = 0
    var lastSeen: Int64 = 0
    /// Of the labels of all profiles, without the server's own; sorted.
    var labelKeys: [String] = []
    /// The version of the last change.
    var version: ResourceVersion

    /// The profiles of one type.
    struct TypeCount: Sendable, Equatable {
        let type: String
        var count: Int
    }

    /// The service if it is an RFC 1123 subdomain, else `x-` and 8 hex digits of its SHA-256.
    static func name(of service: String) -> String {
        guard !Names.dns1123Subdomain(service).isEmpty else { return service }
        return "x-" + SHA256.hex(Array(service.utf8)).prefix(8)
    }

    /// Its place in a list.
    var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    /// The same at another version.
    func at(_ version: ResourceVersion) -> ServiceSummary {
        var other = self
        other.version = version
        return other
    }

    /// The object as clients get it.
    func encoded(now: Timestamp) -> EncodedObject {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uuidV5(namespace: Self.uidNamespace, name: "\(namespace)/\(service)")
        metadata.creationTimestamp = Timestamp(seconds: firstSeen)
        let last = Timestamp(seconds: lastSeen).map { HumanDuration.age(seconds: max(0, now.seconds - $0.seconds)) }
        let cells = ObjectEncoder.cells(
            before: [
                name, String(profileCount), counts.map(\.type).joined(separator: ","), last ?? "<unknown>",
                Measurement.text(bytes, unit: "bytes"),
            ], after: [])
        return ObjectEncoder(
            metadata: metadata, kind: ProfilesGroup.serviceKind, members: members, cells: cells
        ).encode(version)
    }

    private static let uidNamespace = SHA1.digest(Array("profefe.io/v1/ProfileService".utf8)).prefix(16).map { $0 }

    private var profileCount: Int { counts.reduce(0) { $0 + $1.count } }

    private var members: [UInt8] {
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
        for type in counts {
            writer.beginObject()
            writer.field("type", type.type)
            writer.field("profileCount", type.count)
            writer.endObject()
        }
        writer.endArray()
        writer.field("profileCount", profileCount)
        writer.field("bytes", bytes)
        for (name, seconds) in [("firstSeen", firstSeen), ("lastSeen", lastSeen)] {
            if let time = Timestamp(seconds: seconds) { writer.field(name, time.rfc3339()) }
        }
        writer.field("labelKeys", labelKeys)
        writer.endObject()
        writer.endObject()
        return Array(writer.bytes.dropFirst().dropLast())
    }
}
