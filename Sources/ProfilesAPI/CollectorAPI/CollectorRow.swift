internal import APIMachinery
internal import ProfefeCollector
internal import ProfileStore

/// A stored profile as profefe's API tells of it, cut out of its object: what is written there in the same form is copied, not
/// decoded.
struct CollectorRow: Sendable {
    let key: ObjectKey
    /// When it was taken, to the nanosecond.
    let time: Timestamp
    /// `{"id":…,"type":…,"service":…,"labels":[…],"created_at":…}`
    let json: [UInt8]

    /// What an object says, as JSON.
    private struct Spec {
        var id: ArraySlice<UInt8> = []
        var service: ArraySlice<UInt8> = []
        var type: ArraySlice<UInt8> = []
        var labels: ArraySlice<UInt8> = []
        var createdAt: ArraySlice<UInt8> = []
        var source: ArraySlice<UInt8> = []
        /// The rest, by which profiles that no agent sent are described.
        var whole: ArraySlice<UInt8>

        init?(_ object: EncodedObject) {
            let start = Array(",\"spec\":".utf8)
            let rest = object.json[object.metadata.upperBound...]
            guard rest.starts(with: start) else { return nil }
            whole = rest.dropFirst(start.count)
            guard var members = JSONMemberScan(whole) else { return nil }
            while let (name, value) = members.next() {
                switch name.count {
                case 2 where name.elementsEqual("id".utf8): id = value
                case 4 where name.elementsEqual("type".utf8): type = value
                case 6 where name.elementsEqual("labels".utf8): labels = value
                case 6 where name.elementsEqual("source".utf8): source = value
                case 7 where name.elementsEqual("service".utf8): service = value
                case 9 where name.elementsEqual("createdAt".utf8): createdAt = value
                default: break
                }
            }
            whole = whole[..<(source.isEmpty ? whole.endIndex : max(source.endIndex, createdAt.endIndex))]
        }
    }

    /// Nil for one that the search is not for; without a search none is left out.
    init?(_ key: ObjectKey, _ object: EncodedObject, _ search: CollectorFind? = nil) {
        guard let spec = Spec(object),
            let time = Timestamp(rfc3339: Self.text(spec.createdAt)),
            let type = ProfileType(rawValue: Self.text(spec.type)),
            search.map({ $0.range.contains(time) && $0.wants(type) }) ?? true
        else { return nil }
        self.key = key
        self.time = time
        let isAgents = spec.source.starts(with: Self.agentSource)
        if isAgents, type != .allocs, search?.labels.labels.isEmpty ?? true {
            json = Self.join(spec, type, labels: spec.labels.elementsEqual("[]".utf8) ? [] : spec.labels)
        } else {
            guard let labels = Self.labels(spec, type, key.namespace, isAgents: isAgents) else { return nil }
            if let search, !labels.includes(search.labels) { return nil }
            json = Self.join(spec, type, labels: Self.encode(labels)[...])
        }
    }

    /// The id of a profile as the collector gave it from which it was imported; else the name.
    static func id(of object: EncodedObject) -> String? {
        guard let spec = Spec(object), let value = try? JSONValue.parse(Array(spec.id)) else { return nil }
        return value.stringValue
    }

    private static let agentSource = Array("{\"kind\":\"\(ProfileOrigin.SourceKind.agent.rawValue)\"".utf8)

    /// A string that needs no unescaping, without its quotes.
    private static func text(_ json: ArraySlice<UInt8>) -> String {
        String(decoding: json.dropFirst().dropLast(), as: UTF8.self)
    }

    private static func join(_ spec: Spec, _ type: ProfileType, labels: ArraySlice<UInt8>) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(96 + spec.id.count + spec.service.count + labels.count)
        json += "{\"id\":".utf8
        json += spec.id
        json += ",\"type\":\"".utf8
        json += type.collectorType.name.utf8
        json += "\",\"service\":".utf8
        json += spec.service
        if !labels.isEmpty {
            json += ",\"labels\":".utf8
            json += labels
        }
        // In whole seconds: the quote and the first 19 characters.
        json += ",\"created_at\":".utf8
        json += spec.createdAt.prefix(20)
        json += "Z\"}".utf8
        return json
    }

    /// All labels; of a profile that no agent sent also those that an agent would have set.
    private static func labels(
        _ spec: Spec, _ type: ProfileType, _ namespace: String, isAgents: Bool
    ) -> CollectorLabels? {
        guard let json = try? JSONValue.parse(Array(spec.labels)), let pairs = json.arrayValue else { return nil }
        var labels = pairs.map {
            CollectorLabels.Label($0["key"]?.stringValue ?? "", $0["value"]?.stringValue ?? "")
        }
        func add(_ key: String, _ value: String?) {
            guard let value, !labels.contains(where: { $0.key == key }) else { return }
            labels.append(CollectorLabels.Label(key, value))
        }
        if type == .allocs, !labels.contains(ProfileType.allocsLabel) { labels.append(ProfileType.allocsLabel) }
        if !isAgents, let members = try? JSONValue.parse(Array(spec.whole) + Array("}".utf8)) {
            add(CollectorNamespace.label, namespace)
            add("pod", members["podRef"]?["name"]?.stringValue)
            add("container", members["container"]?.stringValue)
            add("node", members["nodeName"]?.stringValue)
            add("instance", members["instance"]?.stringValue)
        }
        return CollectorLabels(labels)
    }

    private static func encode(_ labels: CollectorLabels) -> [UInt8] {
        guard !labels.labels.isEmpty else { return [] }
        var writer = JSONWriter(capacity: 256)
        writer.array { writer in
            for label in labels.labels {
                writer.object { writer in
                    writer.field("key", label.key)
                    writer.field("value", label.value)
                }
            }
        }
        return writer.bytes
    }
}

extension CollectorRow {
    /// Oldest first.
    static func isBefore(_ left: CollectorRow, _ right: CollectorRow) -> Bool {
        left.time == right.time ? left.key.name < right.key.name : left.time < right.time
    }
}

extension CollectorFind {
    /// Whether a profile of that type is wanted.
    func wants(_ type: ProfileType) -> Bool { self.type == nil || type.collectorType == self.type }
}
