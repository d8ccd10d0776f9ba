internal import NIOConcurrencyHelpers

/// Where the writer of one watch waits for whatever comes first: events, the time of a bookmark, or the end.
///
/// One task posts events and is held while `capacity` of them wait; anyone may ask for a bookmark or for the end; one task
/// takes. States: open → ended. What was posted before the end is still taken.
final class WatchMailbox: Sendable {
    /// What there was to take.
    struct Batch: Sendable {
        var events: [WatchEvent] = []
        var bookmarkDue = false
        var ended = false

        var isEmpty: Bool { events.isEmpty && !bookmarkDue && !ended }
    }

    private struct State {
        var waiting = Batch()
        var taker: CheckedContinuation<Void, Never>?
        var poster: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state = NIOLockedValueBox(State())

    /// A mailbox that holds `capacity` events, at least one.
    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    /// Adds an event; returns when there is room for another. After the end, events are dropped.
    func post(_ event: WatchEvent) async {
        let (taker, full) = state.withLockedValue { state in
            if !state.waiting.ended { state.waiting.events.append(event) }
            return (state.taker.take(), state.waiting.events.count >= capacity)
        }
        taker?.resume()
        guard full else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goOn = state.withLockedValue { state in
                    if state.waiting.events.count < capacity || state.waiting.ended || Task.isCancelled { return true }
                    state.poster = continuation
                    return false
                }
                if goOn { continuation.resume() }
            }
        } onCancel: {
            end()
        }
    }

    /// Asks for a bookmark.
    func requestBookmark() {
        let taker = state.withLockedValue { state in
            state.waiting.bookmarkDue = true
            return state.taker.take()
        }
        taker?.resume()
    }

    /// Nothing more comes.
    func end() {
        let (taker, poster) = state.withLockedValue { state in
            state.waiting.ended = true
            return (state.taker.take(), state.poster.take())
        }
        taker?.resume()
        poster?.resume()
    }

    /// All there is, once there is anything; after the end always a batch that says so. A cancelled task ends the mailbox.
    func take() async -> Batch {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLockedValue { state in
                    if !state.waiting.isEmpty { return true }
                    state.taker = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            end()
        }
        let (batch, poster) = state.withLockedValue { state in
            let batch = state.waiting
            state.waiting = Batch(ended: batch.ended)
            return (batch, state.poster.take())
        }
        poster?.resume()
        return batch
    }
}
