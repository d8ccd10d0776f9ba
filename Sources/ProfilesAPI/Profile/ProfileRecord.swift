internal import APIMachinery
internal import Digests
internal import Pprof
internal import ProfileStore

/// A Profile before it is encoded: what its metadata, spec and status are made from (`api.md` 3).
struct ProfileRecord: Sendable {
    /// The complete metadata.
    let metadata: ObjectMeta
    /// The exact profefe id; in the embedded store the xid that is also the name.
    let id: String
    /// What the way in knew.
    let origin: ProfileOrigin
    /// The profile's own time, else what the way in said, else the time of receipt.
    let createdAt: Timestamp
    /// What the bytes say; nil as long as nobody here has read them.
    let content: ProfileContent?
    /// What the store keeps beside the object; nil where a collector keeps them.
    let bytes: [UInt8]?
    /// Whether they can be had.
    let readable: ReadableCondition

    /// - Parameters:
    ///   - origin: what the way in knows; an empty name is replaced by a new xid.
    ///   - profile: the bytes.
    ///   - now: the time of receipt.
    init(_ origin: ProfileOrigin, _ profile: CheckedProfile, now: Timestamp) {
        let stated = profile.content.facts.flatMap {
            $0.timeNanos > 0 ? Timestamp(nanosecondsSince1970: $0.timeNanos) : nil
        }
        let createdAt = stated ?? origin.createdAt ?? now
        var origin = origin
        if origin.metadata.name.isEmpty { origin.metadata.name = ProfileID.make() }
        self.init(
            origin, id: origin.id ?? origin.metadata.name, createdAt: createdAt, content: profile.content,
            bytes: profile.bytes, readable: .stored)
    }

    /// - Parameter origin: with the object's name.
    init(
        _ origin: ProfileOrigin, id: String, createdAt: Timestamp, content: ProfileContent?, bytes: [UInt8]?,
        readable: ReadableCondition
    ) {
        var metadata = origin.metadata
        metadata.uid = uuidV5(namespace: Self.uidNamespace, name: "\(metadata.namespace)/\(id)")
        metadata.creationTimestamp = createdAt.wholeSeconds
        metadata.generation = 1
        metadata.labels = Self.labels(origin, createdAt)
        self.init(
            metadata: metadata, id: id, origin: origin, createdAt: createdAt, content: content, bytes: bytes,
            readable: readable)
    }

    /// A record of its parts.
    init(
        metadata: ObjectMeta, id: String, origin: ProfileOrigin, createdAt: Timestamp, content: ProfileContent?,
        bytes: [UInt8]?, readable: ReadableCondition
    ) {
        self.metadata = metadata
        self.id = id
        self.origin = origin
        self.createdAt = createdAt
        self.content = content
        self.bytes = bytes
        self.readable = readable
    }

    /// The namespace of the uids (RFC 9562 §5.5): the same profile has the same uid on every replica. The object's own namespace
    /// is part of the name: clients may choose the same xid in two of them, and a uid occurs once in a cluster.
    private static let uidNamespace = SHA1.digest(Array("profefe.io/v1/Profile".utf8)).prefix(16).map { $0 }

    /// The object's labels: the client's, then the valid ones of the spec, then the server's. A value that is no legal label
    /// value stays in the spec only: sanitising it would make selectors lie.
    private static func labels(_ origin: ProfileOrigin, _ createdAt: Timestamp) -> Labels {
        var all = Labels(
            origin.metadata.labels.pairs.filter { !ProfileLabels.isOwn($0.key) }.map { ($0.key, $0.value) })
        for (key, value) in origin.labels where all[key] == nil {
            // What profefe's clients say of the namespace is the object's, or else no fact.
            if ProfileLabels.isOwn(key) || key == "namespace" { continue }
            if Names.qualifiedName(key).isEmpty, Names.labelValue(value).isEmpty { all[key] = value }
        }
        let own: [(String, String?)] = [
            ("type", origin.type.rawValue), ("service", origin.service), ("created-at", String(createdAt.seconds)),
            ("capture", origin.sourceKind == .capture ? origin.sourceName : nil), ("workload", origin.workload),
        ]
        for case (let name, let value?) in own where Names.labelValue(value).isEmpty {
            all[ProfileLabels.ownPrefix + name] = value
        }
        return all
    }

    /// What field selectors may name.
    static let selectableFields: Set<String> = [
        "spec.service", "spec.type", "spec.podRef.name", "spec.nodeName", "spec.container", "spec.source.kind",
        "spec.source.name",
    ]

    /// Kept beside the selectable fields: the digest that answers `If-None-Match` without reading the object.
    static let digestField = "status.sha256"
    /// And the size, by which a download knows its length.
    static let sizeField = "status.sizeBytes"
    /// Kept beside the selectable fields: by it an interrupted capture finds what it has taken.
    static let sourceUIDField = "spec.source.uid"

    /// The values that field selectors compare.
    var fields: [String: String] {
        var fields = [
            "spec.service": origin.service, "spec.type": origin.type.rawValue,
            "spec.source.kind": origin.sourceKind.rawValue,
        ]
        fields[Self.digestField] = content?.sha256
        fields[Self.sizeField] = content.map { String($0.size) }
        fields["spec.podRef.name"] = origin.pod?.name
        fields["spec.nodeName"] = origin.nodeName
        fields["spec.container"] = origin.container
        fields["spec.source.name"] = origin.sourceName
        fields[Self.sourceUIDField] = origin.sourceUID
        return fields
    }
}
