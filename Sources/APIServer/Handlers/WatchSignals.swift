internal import NIOConcurrencyHelpers

/// What else than events the task of one watch has to do: write a bookmark, come to the end.
///
/// Anyone may ask for it, and interrupts the source for which the task waits; the task takes it with the events that are there.
final class WatchSignals: Sendable {
    /// What was asked for.
    struct Demand: Sendable {
        var bookmark = false
        /// Stays: nothing more comes.
        var end = false
    }

    private let source: any WatchSource
    private let demand = NIOLockedValueBox(Demand())

    /// No demand yet.
    init(interrupting source: any WatchSource) { self.source = source }

    /// Asks for a bookmark.
    func requestBookmark() { add(Demand(bookmark: true)) }

    /// Asks for the end.
    func end() { add(Demand(end: true)) }

    private func add(_ more: Demand) {
        demand.withLockedValue { demand in
            demand.bookmark = demand.bookmark || more.bookmark
            demand.end = demand.end || more.end
        }
        source.interrupt()
    }

    /// What was asked for since the last time.
    func take() -> Demand {
        demand.withLockedValue { demand in
            defer { demand.bookmark = false }
            return demand
        }
    }
}
