internal import APIMachinery
internal import NIOCore

/// The recent events of one resource, in the order of their versions.
///
/// Events are numbered from 0 as they come; a reader holds the number of the event it wants next. What was forgotten is
/// known by its newest version, so that a watch from an older version can be refused.
///
/// The newest events, which all live watches are about to read, are shared objects; older ones are packed, see ``EventBlocks``, and
/// made anew for whoever still reads them.
struct EventLog {
    private struct Slot {
        let version: ResourceVersion
        let place: EventBlocks.Place
        /// Stands for the event's namespace.
        let namespace: Int

        var footprint: Int { place.count + MemoryLayout<Slot>.stride }
    }
    /// So many of the newest are shared.
    private static let sharedCount = 256

    /// The number of the oldest event that is remembered.
    private(set) var first: Int = 0
    /// Events up to this version may be forgotten.
    private(set) var forgotten: ResourceVersion
    /// The memory of the remembered events, about.
    private(set) var bytes = 0

    /// Slots before `head` are empty; they are cut off when they are more than half.
    private var slots: [Slot?] = []
    private var head = 0
    private var packed = EventBlocks()
    private var shared = CircularBuffer<StoreEvent>(initialCapacity: EventLog.sharedCount + 1)

    init(forgotten: ResourceVersion) {
        self.forgotten = forgotten
    }

    /// The number the next event will get.
    var end: Int { first + count }
    var count: Int { slots.count - head }

    /// The event of a number; nil if it is forgotten or still to come.
    subscript(number: Int) -> StoreEvent? {
        guard number >= first, number < end else { return nil }
        let fromEnd = end - number
        if fromEnd <= shared.count { return shared[offset: shared.count - fromEnd] }
        return slots[head + number - first].flatMap { packed.event(at: $0.place) }
    }

    mutating func append(_ event: StoreEvent) {
        let slot = Slot(
            version: event.resourceVersion, place: packed.append(event),
            namespace: event.object.key.namespace.hashValue)
        slots.append(slot)
        bytes += slot.footprint
        shared.append(event)
        if shared.count > Self.sharedCount { shared.removeFirst() }
    }

    /// Forgets the oldest event.
    mutating func dropFirst() {
        guard count > 0, let slot = slots[head] else { return }
        slots[head] = nil
        head += 1
        first += 1
        bytes -= slot.footprint
        forgotten = slot.version
        packed.keep(from: count > 0 ? slots[head]?.place : nil)
        if shared.count > count { shared.removeFirst() }
        if head > slots.count / 2 {
            slots.removeFirst(head)
            head = 0
        }
    }

    /// The numbers of the events in a namespace, and perhaps of a few in one with the same hash.
    func numbers(in namespace: String) -> [Int] {
        let hash = namespace.hashValue
        return slots.indices.dropFirst(head).filter { slots[$0]?.namespace == hash }.map { $0 - head + first }
    }

    /// The number of the first event above a version; `end` if there is none yet.
    func number(after version: ResourceVersion) -> Int {
        var low = first
        var high = end
        while low < high {
            let middle = low + (high - low) / 2
            if let slot = slots[head + middle - first], slot.version <= version {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
