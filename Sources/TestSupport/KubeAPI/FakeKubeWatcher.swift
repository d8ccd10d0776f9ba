public import APIMachinery

/// How a watch ends.
public enum FakeKubeWatchEnd: Sendable {
    /// As at its timeout.
    case closed
    /// With an ERROR event of 410.
    case expired
    /// With an ERROR event of this code and reason.
    case error(Int, StatusReason)
    /// The connection breaks, or the stream is reset.
    case reset
    /// In the middle of an event, cleanly.
    case cutOff
}

/// One open watch.
struct FakeKubeWatcher: Sendable {
    /// What is to be written next.
    enum Signal: Sendable {
        case event(FakeKubeStore.Event)
        case bookmark(UInt64)
        case bytes(String)
        case end(FakeKubeWatchEnd)
    }

    let place: FakeKubePlace
    let path: String
    let kind: FakeKubeResource
    let selector: FakeKubeSelector
    let allowsBookmarks: Bool
    let signals: AsyncStream<Signal>.Continuation

    /// The line of an event; nil if the watch doesn't see it.
    func line(_ event: FakeKubeStore.Event) -> [UInt8]? {
        guard event.resource == place.resource, place.namespace.isEmpty || place.namespace == event.key.namespace
        else { return nil }
        let was = event.old.map(selector.matches) ?? false
        let isNow = !event.isDeletion && selector.matches(event.object)
        switch (was, isNow) {
        case (false, true): return Self.line("ADDED", event.object)
        case (true, true): return Self.line("MODIFIED", event.object)
        case (true, false):
            return Self.line("DELETED", event.isDeletion ? event.object : Self.object(event.old, at: event.version))
        case (false, false): return nil
        }
    }

    /// What no longer fits the selector is shown as it last did, with the version of the change.
    private static func object(_ old: JSONValue?, at version: UInt64) -> JSONValue {
        var object = old?.objectValue ?? JSONObject()
        var metadata = object["metadata"]?.objectValue ?? JSONObject()
        metadata["resourceVersion"] = .string(String(version))
        object["metadata"] = .object(metadata)
        return .object(object)
    }

    func bookmark(_ version: UInt64) -> [UInt8] {
        Self.line(
            "BOOKMARK",
            [
                "kind": .string(kind.kind), "apiVersion": .string(kind.apiVersion),
                "metadata": ["resourceVersion": .string(String(version)), "creationTimestamp": nil],
            ])
    }

    static func line(_ type: String, _ object: JSONValue) -> [UInt8] {
        let event: JSONValue = ["type": .string(type), "object": object]
        return event.encoded() + [UInt8(ascii: "\n")]
    }

    static func error(_ status: Status) -> [UInt8] {
        line("ERROR", (try? JSONValue.parse(status.encoded)) ?? [:])
    }
}

/// The selectors of a list or watch.
struct FakeKubeSelector: Sendable {
    var fields: FieldSelector
    var labels: LabelSelector

    func matches(_ object: JSONValue) -> Bool {
        let pairs = object["metadata"]?["labels"]?.objectValue?.map { ($0.key, $0.value.stringValue ?? "") } ?? []
        return labels.matches(Labels(pairs)) && fields.matches { Self.field($0, of: object) }
    }

    private static func field(_ path: String, of object: JSONValue) -> String? {
        var value: JSONValue? = object
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value?.stringValue ?? ""
    }
}
