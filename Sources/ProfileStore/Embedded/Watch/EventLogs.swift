internal import APIMachinery

/// The logs of recent events, one for each resource, by their places: bounded each in its events, and all together in their bytes.
struct EventLogs: Sendable {
    private let origin: ResourceVersion
    private let maximumBytes: Int
    private let maximumCount: Int
    private var places: [String: Int] = [:]
    private var logs: [EventLog] = []

    /// - Parameters:
    ///   - origin: what happened up to here is not remembered.
    ///   - maximumBytes: of all logs.
    ///   - maximumCount: of the events of one.
    init(origin: ResourceVersion, maximumBytes: Int, maximumCount: Int) {
        self.origin = origin
        self.maximumBytes = maximumBytes
        self.maximumCount = maximumCount
    }

    subscript(place: Int) -> EventLog { logs[place] }

    /// How many events are remembered, and what they occupy.
    var size: (count: Int, bytes: Int) { logs.reduce((0, 0)) { ($0.0 + $1.count, $0.1 + $1.bytes) } }

    /// A log that has to forget its oldest event; nil where there is room.
    var overfull: Int? {
        if let log = logs.firstIndex(where: { $0.count > maximumCount }) { return log }
        return size.bytes > maximumBytes ? logs.indices.max { logs[$0].bytes < logs[$1].bytes } : nil
    }

    /// The place of a resource's log, which begins here if there was none.
    mutating func place(of resource: String) -> Int {
        if let place = places[resource] { return place }
        places[resource] = logs.count
        logs.append(EventLog(forgotten: origin))
        return logs.count - 1
    }

    /// Appends an event to the log of its resource, whose place is returned.
    mutating func append(_ event: StoreEvent) -> Int {
        let place = place(of: event.object.resource)
        logs[place].append(event)
        return place
    }

    mutating func forgetOldest(of place: Int) { logs[place].dropFirst() }

    /// Forgets all events; the logs keep their places.
    mutating func clear() { logs = logs.map { _ in EventLog(forgotten: origin) } }
}
