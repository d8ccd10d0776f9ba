internal import APIMachinery

/// The recent events of one resource, in the order of their versions.
///
/// Events are numbered from 0 as they come; a reader holds the number of the event it wants next. What was forgotten is
/// known by its newest version, so that a watch from an older version can be refused.
struct EventLog {
    /// The number of the oldest event that is remembered.
    private(set) var first: Int = 0
    /// Events up to this version may be forgotten.
    private(set) var forgotten: ResourceVersion
    /// The memory of the remembered events, about.
    private(set) var bytes = 0

    /// Slots before `head` are empty; they are cut off when they are more than half.
    private var slots: [StoreEvent?] = []
    private var head = 0

    init(forgotten: ResourceVersion) {
        self.forgotten = forgotten
    }

    /// The number the next event will get.
    var end: Int { first + count }
    var count: Int { slots.count - head }

    /// The event of a number; nil if it is forgotten or still to come.
    subscript(number: Int) -> StoreEvent? {
        guard number >= first, number < end else { return nil }
        return slots[head + number - first]
    }

    mutating func append(_ event: StoreEvent) {
        slots.append(event)
        bytes += event.footprint
    }

    /// Forgets the oldest event.
    mutating func dropFirst() {
        guard count > 0, let event = slots[head] else { return }
        slots[head] = nil
        head += 1
        first += 1
        bytes -= event.footprint
        forgotten = event.resourceVersion
        if head > slots.count / 2 {
            slots.removeFirst(head)
            head = 0
        }
    }

    /// The number of the first event above a version; `end` if there is none yet.
    func number(after version: ResourceVersion) -> Int {
        var low = first
        var high = end
        while low < high {
            let middle = low + (high - low) / 2
            if let event = self[middle], event.resourceVersion <= version { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
