internal import APIMachinery
internal import ProfefeCollector
internal import ProfileStore

/// What a profefe collector tells of a profile, as a Profile of ours, and what it is told of ours (`api.md` 7).
struct CollectorMapping: Sendable {
    /// Where profiles are shown whose label `namespace` is missing, comes twice, or is no name of a namespace.
    let unscopedNamespace: String

    /// The label that says what profefe has no type for.
    static let typeLabel = CollectorLabels.Label("profile", ProfileType.allocs.rawValue)

    // MARK: from the collector

    /// The profile as it is shown before anybody has read its bytes; nil if its id or type makes no sense.
    func record(of profile: CollectorProfile) -> ProfileRecord? {
        guard let id = CollectorID(profile.id), let type = Self.type(of: profile) else { return nil }
        let labels = profile.labels.labels
        var metadata = ObjectMeta()
        metadata.namespace = namespace(of: labels)
        metadata.name = id.xid
        var origin = ProfileOrigin(metadata: metadata, service: profile.service, type: type, requestedBy: "")
        origin.labels = labels.map { ($0.key, $0.value) }
        origin.sourceKind = .agent
        origin.describe()
        return ProfileRecord(
            origin, id: profile.id, createdAt: profile.createdAt, content: nil, bytes: nil,
            readable: Self.readable(id) ?? .notRead)
    }

    /// The namespace that the labels name.
    func namespace(of labels: [CollectorLabels.Label]) -> String {
        let named = labels.filter { $0.key == "namespace" }
        guard let only = named.first, named.count == 1, Names.dns1123Label(only.value).isEmpty else {
            return unscopedNamespace
        }
        return only.value
    }

    private static func type(of profile: CollectorProfile) -> ProfileType? {
        guard let type = profile.type else { return nil }
        return type == .other && profile.labels.labels.contains(typeLabel) ? .allocs : ProfileType(rawValue: type.name)
    }

    /// What is known beforehand of reading it; nil if nothing.
    static func readable(_ id: CollectorID) -> ReadableCondition? {
        id.isReachable
            ? nil
            : .unreachable(
                "the collector takes the \"+\" in the profile's id for a separator and can't be asked for it")
    }

    // MARK: to the collector

    /// The labels that it is sent with: its own, and those by which it is found again in its place. An agent's are what it sent, unless
    /// they name another place than the one that it may write to.
    func labels(of origin: ProfileOrigin) -> CollectorLabels {
        var labels = origin.labels.filter { !$0.key.isEmpty && !$0.key.hasPrefix(ProfileLabels.ownPrefix) }
            .map { CollectorLabels.Label($0.key, $0.value) }
        if origin.sourceKind == .agent, namespace(of: labels) == origin.metadata.namespace {
            if origin.type == .allocs, !labels.contains(Self.typeLabel) { labels.append(Self.typeLabel) }
            return CollectorLabels(labels)
        }
        let own: [(String, String?)] = [
            ("pod", origin.pod?.name), ("container", origin.container), ("node", origin.nodeName),
            ("instance", origin.instance), ("workload", origin.workload),
            ("from", origin.sourceKind == .agent ? nil : "profefe.io"),
        ]
        for case (let key, let value?) in own where !labels.contains(where: { $0.key == key }) {
            labels.append(CollectorLabels.Label(key, value))
        }
        // Not the client's to say, and nothing but one counts.
        labels.removeAll { $0.key == "namespace" || $0 == Self.typeLabel }
        labels.append(CollectorLabels.Label("namespace", origin.metadata.namespace))
        if origin.type == .allocs { labels.append(Self.typeLabel) }
        return CollectorLabels(labels)
    }
}
