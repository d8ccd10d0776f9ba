internal import APIMachinery
internal import ProfileStore

/// One change of one service.
struct ServiceChange: Sendable {
    /// The version of the profile's change that made it.
    let version: ResourceVersion
    /// The service before; nil if it had no profile.
    let before: ServiceSummary?
    /// The service then; nil if it has none any more.
    let after: ServiceSummary?

    /// Its place in a list.
    var key: ObjectKey? { (after ?? before)?.key }
}

/// All services as their profiles make them, kept up with the profiles' changes, and the last of these.
///
/// A plain value: whoever has it reads one state. States of the recent past are had by taking changes back, so that the later pages of
/// a list see what the first one saw, and a watch may begin in the past.
struct ServiceBook: Sendable {
    /// Every change of a profile up to here is counted.
    private(set) var version: ResourceVersion
    /// The services by (namespace, name), bytewise.
    private(set) var services: [ServiceSummary] = []
    /// By namespace and service: two services may have one name, though only by a collision of digests.
    private var tallies: [ObjectKey: ServiceTally] = [:]
    private var log: [ServiceChange] = []
    /// The state before is not known any more.
    private(set) var floor: ResourceVersion
    private let capacity: Int

    /// The services of these profiles: all that there are at `version`.
    ///
    /// - Parameter capacity: how many changes are remembered, at least; twice as many for a moment.
    init(at version: ResourceVersion, capacity: Int = 4096) {
        self.version = version
        floor = version
        self.capacity = capacity
    }

    /// Counts one of the profiles of the first state.
    mutating func load(_ profile: StoredObject) {
        let key = Self.key(of: profile)
        tallies[key, default: ServiceTally(namespace: key.namespace, service: key.name)].load(profile)
    }

    /// Ends the first state: every service is at its version, which no earlier process can have surpassed.
    mutating func seal() {
        for key in tallies.keys { tallies[key]?.seal(at: version) }
        services = tallies.values.map(\.summary).sorted { $0.key < $1.key }
    }

    /// Counts one change; nil for one that is counted already. The last state of a service that goes is told at the version of the change.
    mutating func apply(_ event: StoreEvent) -> ServiceChange? {
        guard event.resourceVersion > version else { return nil }
        version = event.resourceVersion
        let key = Self.key(of: event.object)
        var tally = tallies[key] ?? ServiceTally(namespace: key.namespace, service: key.name)
        let before = tally.isEmpty ? nil : tally.summary
        // Taken out while it is changed: else its arrays would be copied.
        tallies[key] = nil
        if event.type != .added { tally.remove(event.previous ?? event.object, at: version) }
        if event.type != .deleted { tally.add(event.object, at: version) }
        let change = ServiceChange(version: version, before: before, after: tally.isEmpty ? nil : tally.summary)
        if !tally.isEmpty { tallies[key] = tally }
        if let before, let after = change.after, before.at(version) == after {
            // A label's value, say: the service is as it was, at the version it had.
            tallies[key]?.keep(before.version)
            return ServiceChange(version: version, before: before, after: before)
        }
        Self.put(change, into: &services)
        remember(change)
        return change
    }

    /// The services as of a version; nil if that is forgotten, or still to come.
    func services(at version: ResourceVersion) -> [ServiceSummary]? {
        guard version >= floor, version <= self.version else { return nil }
        var services = services
        for change in log.reversed() {
            guard change.version > version else { break }
            Self.put(
                ServiceChange(version: change.version, before: change.after, after: change.before), into: &services)
        }
        return services
    }

    /// The changes behind a version; nil if some of them are forgotten.
    func changes(after version: ResourceVersion) -> ArraySlice<ServiceChange>? {
        guard version >= floor else { return nil }
        return log[log.partitionPoint { $0.version <= version }...]
    }

    private mutating func remember(_ change: ServiceChange) {
        log.append(change)
        guard log.count >= 2 * capacity else { return }
        floor = log[log.count - capacity - 1].version
        log.removeFirst(log.count - capacity)
    }

    private static func put(_ change: ServiceChange, into services: inout [ServiceSummary]) {
        guard let key = change.key else { return }
        var low = services.partitionPoint { $0.key < key }
        let service = (change.after ?? change.before)?.service
        while low < services.count, services[low].key == key, services[low].service != service { low += 1 }
        let isThere = low < services.count && services[low].key == key
        switch (isThere, change.after) {
        case (true, let after?): services[low] = after
        case (true, nil): services.remove(at: low)
        case (false, let after?): services.insert(after, at: low)
        case (false, nil): return
        }
    }

    private static func key(of profile: StoredObject) -> ObjectKey {
        ObjectKey(namespace: profile.key.namespace, name: profile.fields["spec.service"] ?? "")
    }
}

extension ServiceBook {
    /// The service of that namespace and name.
    func service(_ key: ObjectKey) -> ServiceSummary? {
        let place = services.partitionPoint { $0.key < key }
        return place < services.count && services[place].key == key ? services[place] : nil
    }
}

extension Array {
    /// The place of the first element for which `isBefore` doesn't hold; holds for none behind one for which it doesn't.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
