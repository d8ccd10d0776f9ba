internal import APIMachinery
internal import NIOCore

/// The watches that are told the same: of one resource or one of its namespaces, at one pace.
///
/// Its events are those of the resource's log that lie in the namespace, by their numbers there. They are cut into pieces: what lies
/// before `sealed` is told, what lies behind is held back until the channel's rest is over. A watch is a place, the number from which
/// on it has not been told; other namespaces' events change nothing for it.
struct EventChannel {
    struct Key: Hashable {
        let resource: String
        let scope: WatchScope
    }

    /// Events that are told together.
    struct Piece {
        /// Numbers of its first event and behind its last.
        let range: Range<Int>
        let batch: EventBatch
        let bytes: Int
    }

    /// At most so many events are told at a time, and no more when they reach so many bytes.
    static let pieceEvents = 256
    static let pieceBytes = 256 << 10

    let key: Key
    /// The place of the log in the hub.
    let log: Int
    /// Tells channels apart that had the same place in the hub.
    let serial: UInt64
    /// Events before this number are told.
    private(set) var sealed: Int
    /// The pieces that were cut last, for those who come for them a little later.
    private var pieces = CircularBuffer<Piece>()
    /// The numbers of the namespace's events that the log has; none where the channel has all.
    private var own = CircularBuffer<Int>()
    /// Own events before this number are forgotten.
    private var forgotten: Int
    /// Nothing is told before this time.
    var restsUntil: Duration?
    /// Waits for the hub's tick.
    var isDue = false
    /// Has events of the commit that is being published.
    var isTouched = false
    /// The subscribers that wait for their next event.
    var waiting: Set<UInt64> = []
    var subscribers = 0

    init(_ key: Key, log index: Int, _ log: EventLog, serial: UInt64) {
        self.key = key
        self.log = index
        self.serial = serial
        sealed = log.end
        forgotten = log.first
        if let namespace = key.scope.namespace {
            for number in log.numbers(in: namespace) { own.append(number) }
        }
    }

    /// The log's newest event is one of the channel's.
    mutating func append(_ log: EventLog) {
        guard key.scope.namespace != nil else { return }
        forget(log)
        own.append(log.end - 1)
    }

    /// Drops the numbers of what the log has forgotten.
    private mutating func forget(_ log: EventLog) {
        while let oldest = own.first, oldest < log.first {
            own.removeFirst()
            forgotten = oldest + 1
        }
    }

    // MARK: places

    /// Whether an event that a watch at this place is to be told is forgotten.
    mutating func isBehind(_ place: Int, _ log: EventLog) -> Bool {
        guard key.scope.namespace != nil else { return place < log.first }
        forget(log)
        return place < forgotten
    }

    /// The number of the first own event from a place on; the log's end if there is none yet.
    func first(from place: Int, _ log: EventLog) -> Int {
        guard key.scope.namespace != nil else { return max(place, log.first) }
        let offset = offset(of: place)
        return offset < own.count ? own[offset: offset] : log.end
    }

    /// How many own numbers lie before a number.
    private func offset(of number: Int) -> Int {
        var low = 0
        var high = own.count
        while low < high {
            let middle = low + (high - low) / 2
            if own[offset: middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: pieces

    /// The piece that begins with an event of this number, if it is still kept.
    func piece(from number: Int) -> Piece? {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = low + (high - low) / 2
            if pieces[offset: middle].range.lowerBound < number { low = middle + 1 } else { high = middle }
        }
        guard low < pieces.count, pieces[offset: low].range.lowerBound == number else { return nil }
        return pieces[offset: low]
    }

    /// Forgets the oldest piece that is kept; its events stay in the log.
    mutating func dropPiece() { _ = pieces.popFirst() }

    /// Cuts all that is held back into pieces, and gives their sizes.
    mutating func seal(_ log: EventLog) -> [Int] {
        var sizes: [Int] = []
        while let piece = cut(from: sealed, to: log.end, log) {
            pieces.append(piece)
            sizes.append(piece.bytes)
            sealed = piece.range.upperBound
        }
        sealed = log.end
        return sizes
    }

    /// Events between two places, at least one, up to the bounds of a piece; nil where there is none.
    func cut(from place: Int, to end: Int, _ log: EventLog) -> Piece? {
        let start = first(from: place, log)
        var events: [StoreEvent] = []
        var (number, bytes, offset) = (start, 0, offset(of: start))
        var last = start
        while number < end, events.count < Self.pieceEvents, bytes < Self.pieceBytes {
            if let event = log[number], isOwn(event) {
                events.append(event)
                bytes += event.footprint
            }
            last = number + 1
            offset += 1
            number = key.scope.namespace == nil ? last : offset < own.count ? own[offset: offset] : end
        }
        guard let newest = events.last else { return nil }
        return Piece(
            range: start..<last, batch: EventBatch(events, through: newest.resourceVersion), bytes: bytes)
    }

    /// The log finds namespaces by a hash: another may have the same.
    private func isOwn(_ event: StoreEvent) -> Bool {
        key.scope.namespace.map { $0 == event.object.key.namespace } ?? true
    }
}
