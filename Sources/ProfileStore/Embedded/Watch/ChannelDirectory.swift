/// Where the channels are, and which of them an event is for. The place of a channel that is removed is given to another.
struct ChannelDirectory: Sendable {
    /// The channels of one resource, by their places.
    private struct Listeners {
        var all: [Int] = []
        var byNamespace: [String: [Int]] = [:]
    }

    private var places: [EventChannel.Key: Int] = [:]
    private var free: [Int] = []
    /// How many places were given.
    private var count = 0
    /// By the places of the logs.
    private var listeners: [Listeners] = []

    func place(of key: EventChannel.Key) -> Int? { places[key] }

    /// The channels of all events of a log.
    func channels(in log: Int) -> [Int] { log < listeners.count ? listeners[log].all : [] }

    /// The channels of the events of one namespace in a log.
    func channels(of namespace: String, in log: Int) -> [Int] {
        guard log < listeners.count, !listeners[log].byNamespace.isEmpty else { return [] }
        return listeners[log].byNamespace[namespace] ?? []
    }

    /// A place for a channel that has none.
    mutating func add(_ key: EventChannel.Key, log: Int) -> Int {
        let place = free.popLast() ?? count
        if place == count { count += 1 }
        places[key] = place
        while listeners.count <= log { listeners.append(Listeners()) }
        if let namespace = key.scope.namespace {
            listeners[log].byNamespace[namespace, default: []].append(place)
        } else {
            listeners[log].all.append(place)
        }
        return place
    }

    mutating func remove(_ key: EventChannel.Key, log: Int) {
        guard let place = places.removeValue(forKey: key) else { return }
        free.append(place)
        guard let namespace = key.scope.namespace else { return listeners[log].all.removeAll { $0 == place } }
        listeners[log].byNamespace[namespace]?.removeAll { $0 == place }
        if listeners[log].byNamespace[namespace]?.isEmpty == true { listeners[log].byNamespace[namespace] = nil }
    }
}
