import HTTPTransport
import NIOConcurrencyHelpers

/// Things that handlers and observers report and tests wait for; no sleeping.
final class Happenings: TransportObserver {
    private struct State {
        var counts: [String: Int] = [:]
        var waiters: [(name: String, count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = NIOLockedValueBox(State())

    /// It happened once more.
    func add(_ name: String) {
        let due = state.withLockedValue { state in
            state.counts[name, default: 0] += 1
            let count = state.counts[name] ?? 0
            let due = state.waiters.filter { $0.name == name && $0.count <= count }
            state.waiters.removeAll { $0.name == name && $0.count <= count }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }

    /// How often it happened.
    func count(_ name: String) -> Int { state.withLockedValue { $0.counts[name] ?? 0 } }

    /// Returns when it has happened so often.
    func wait(_ name: String, _ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLockedValue { state in
                if (state.counts[name] ?? 0) >= count { return true }
                state.waiters.append((name, count, continuation))
                return false
            }
            if isDue { continuation.resume() }
        }
    }

    /// Suspends until the task is cancelled.
    static func untilCancelled() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    func connectionOpened() { add("opened") }
    func connectionClosed(requests: Int) { add("closed"); add("closed after \(requests)") }
    func connectionRefused() { add("refused") }
    func handshakeFailed(_ error: TransportError) { add("handshake \(error.code)") }
    func limitReached(_ limit: String) { add("limit \(limit)") }
    func certificateReloaded(_ error: TransportError?) { add(error == nil ? "reloaded" : "not reloaded") }
}
