public import APIMachinery
internal import NIOCore
internal import Synchronization

/// What a watch is told at a time.
///
/// A batch that is told to many watches is made once for all of them, and keeps the lines that it becomes: they are encoded once for
/// each form, and the watches send the same bytes.
public final class WatchBatch: Sendable {
    /// The lines of a whole batch.
    struct Lines: Sendable {
        let bytes: ByteBuffer
        /// The size of each.
        let sizes: Histogram.Tally?
    }

    /// In the order of their versions; none where there was nothing to tell.
    public let events: [WatchEvent]
    /// Everything up to this version was told, with this batch; nil where it says nothing of that.
    public let through: ResourceVersion?
    private let isShared: Bool
    private let lines = Mutex<[Int: Lines]>([:])

    /// A batch of its parts; `isShared` if several watches are told it.
    public init(_ events: [WatchEvent], through: ResourceVersion?, isShared: Bool = false) {
        self.events = events
        self.through = through
        self.isShared = isShared
    }

    /// Whether all events are newer than a version.
    func isAbove(_ version: ResourceVersion) -> Bool { events.first.map { $0.version > version } ?? false }

    /// The lines in the form that a number stands for, if they are kept for several watches; `encode` makes them.
    func lines(form: Int, _ encode: () -> Lines) -> Lines? {
        guard isShared else { return nil }
        if let lines = lines.withLock({ $0[form] }) { return lines }
        let made = encode()
        lines.withLock { $0[form] = made }
        return made
    }
}
