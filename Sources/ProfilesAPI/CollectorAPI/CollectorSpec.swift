internal import APIMachinery
internal import ProfefeCollector
internal import ProfileStore

/// Where in the JSON of a stored profile that is what profefe's API tells: what is written there in the same form is copied, not decoded.
struct CollectorSpec {
    /// The object's JSON from behind its metadata on: `,"spec":{…},…}`.
    private let json: [UInt8]
    private var id = 0..<0
    private var service = 0..<0
    private var type = 0..<0
    private var labels = 0..<0
    private var createdAt = 0..<0
    private var source = 0..<0

    /// Nil where there is no `spec`.
    init?(_ json: [UInt8]) {
        guard json.starts(with: EncodedObject.specOpening), var members = JSONMembers(json, Self.start..<json.count)
        else { return nil }
        self.json = json
        while let (name, value) = members.next() {
            switch name.count {
            case 2 where json[name] == Text.id: id = value
            case 4 where json[name] == Text.type: type = value
            case 6 where json[name] == Text.labels: labels = value
            case 7 where json[name] == Text.service: service = value
            case 9 where json[name] == Text.createdAt: createdAt = value
            case 6 where json[name] == Text.source:
                source = value
                // The last one that counts.
                return
            default: break
            }
        }
    }

    /// The brace that opens the `spec`.
    private static let start = EncodedObject.specOpening.count - 1

    init?(_ object: EncodedObject) { self.init(Array(object.json[object.metadata.upperBound...])) }

    /// The id that a collector gave the profile from which it was imported; else the name.
    var decodedID: String? { (try? JSONValue.parse(Array(json[id])))?.stringValue }

    var decodedType: ProfileType? { ProfileType(rawValue: text(type)) }

    var decodedTime: Timestamp? { Timestamp(rfc3339: text(createdAt)) }

    /// Whether the labels are as an agent sent them.
    var isAgents: Bool { json[source].starts(with: Self.agentSource) }

    private static let agentSource = Array("{\"kind\":\"\(ProfileOrigin.SourceKind.agent.rawValue)\"".utf8)

    /// A string that needs no unescaping, without its quotes.
    private func text(_ range: Range<Int>) -> String {
        String(decoding: json[range].dropFirst().dropLast(), as: UTF8.self)
    }

    /// All labels; of a profile that no agent sent also those that an agent would have set.
    func labels(_ type: ProfileType, namespace: String) -> CollectorLabels? {
        guard let pairs = try? JSONValue.parse(Array(json[labels])).arrayValue else { return nil }
        var labels = pairs.map {
            CollectorLabels.Label($0["key"]?.stringValue ?? "", $0["value"]?.stringValue ?? "")
        }
        func add(_ key: String, _ value: String?) {
            guard let value, !labels.contains(where: { $0.key == key }) else { return }
            labels.append(CollectorLabels.Label(key, value))
        }
        if type == .allocs, !labels.contains(ProfileType.allocsLabel) { labels.append(ProfileType.allocsLabel) }
        let whole = json[Self.start..<max(Self.start + 1, source.upperBound, createdAt.upperBound)]
        if !isAgents, let members = try? JSONValue.parse(whole + Array("}".utf8)) {
            add(CollectorNamespace.label, namespace)
            add("pod", members["podRef"]?["name"]?.stringValue)
            add("container", members["container"]?.stringValue)
            add("node", members["nodeName"]?.stringValue)
            add("instance", members["instance"]?.stringValue)
        }
        return CollectorLabels(labels)
    }

    /// Appends `{"id":…,"type":…,"service":…,"labels":[…],"created_at":…}`.
    ///
    /// - Parameter labels: as JSON, empty for none; nil for those that are written here.
    func write(_ type: ProfileType, labels other: [UInt8]?, to row: inout [UInt8]) {
        row += Text.rowID
        row += json[id]
        row += Text.rowType
        row += type.collectorType.name.utf8
        row += Text.rowService
        row += json[service]
        let labels = other.map { $0[...] } ?? (self.labels.count > 2 ? json[self.labels] : [])
        if !labels.isEmpty {
            row += Text.rowLabels
            row += labels
        }
        // In whole seconds: the quote and the first 19 characters.
        row += Text.rowCreatedAt
        row += json[createdAt].prefix(20)
        row += Text.rowEnd
    }

    /// What is compared and written for each of thousands.
    private enum Text {
        static let id = bytes("id")
        static let service = bytes("service")
        static let type = bytes("type")
        static let labels = bytes("labels")
        static let createdAt = bytes("createdAt")
        static let source = bytes("source")
        static let rowID = bytes("{\"id\":")
        static let rowType = bytes(",\"type\":\"")
        static let rowService = bytes("\",\"service\":")
        static let rowLabels = bytes(",\"labels\":")
        static let rowCreatedAt = bytes(",\"created_at\":")
        static let rowEnd = bytes("Z\"}")

        private static func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }
    }
}
