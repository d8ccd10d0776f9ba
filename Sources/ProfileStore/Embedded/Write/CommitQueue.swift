internal import Dispatch
internal import Logging
internal import NIOConcurrencyHelpers

/// The one place where writes happen: a serial queue on which everything that waits shares the next commit.
///
/// While one commit syncs, the next group gathers; nothing waits for a group to fill.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [WriteRequest] = []
        var isScheduled = false
        var isClosed = false
    }

    private let state = NIOLockedValueBox(State())
    private let queue = DispatchQueue(label: "profefe.store.writer")
    private let writer: Writer
    private let maintenance: Maintenance
    private let condition: StoreCondition
    private let configuration: EmbeddedStoreConfiguration
    private let logger: Logger
    /// Called on the queue after each commit, before its writes are answered.
    private let onCommit: @Sendable (Writer.Commit) -> Void

    init(
        writer: Writer, maintenance: Maintenance, condition: StoreCondition,
        configuration: EmbeddedStoreConfiguration, logger: Logger,
        onCommit: @escaping @Sendable (Writer.Commit) -> Void
    ) {
        self.writer = writer
        self.maintenance = maintenance
        self.condition = condition
        self.configuration = configuration
        self.logger = logger
        self.onCommit = onCommit
        scheduleUpkeep()
    }

    /// How many writes wait for the next commit.
    var waitingCount: Int { state.withLockedValue { $0.waiting.count } }

    /// Queues a write and waits for its answer.
    func submit(_ operation: WriteOperation) async throws(StoreError) -> StoredObject? {
        let result: WriteResult = await withCheckedContinuation { continuation in
            let request = WriteRequest(operation: operation) { continuation.resume(returning: $0) }
            let (accepted, schedule) = state.withLockedValue { state in
                guard !state.isClosed else { return (false, false) }
                state.waiting.append(request)
                defer { state.isScheduled = true }
                return (true, !state.isScheduled)
            }
            if !accepted { request.answer(.failure(StoreError(.closed, "the store was closed"))) }
            if schedule { queue.async { self.drain() } }
        }
        return try result.get()
    }

    /// Refuses further writes and runs the last block of the queue after those that were accepted.
    func close(_ last: @escaping @Sendable () -> Void) async {
        state.withLockedValue { $0.isClosed = true }
        // Two turns: a group may be scheduled that schedules the rest behind this block.
        await withCheckedContinuation { continuation in
            queue.async { self.finish(last, continuation) }
        }
    }

    private func finish(_ last: @escaping @Sendable () -> Void, _ continuation: CheckedContinuation<Void, Never>) {
        guard state.withLockedValue({ $0.waiting.isEmpty }) else {
            queue.async { self.finish(last, continuation) }
            return
        }
        last()
        continuation.resume()
    }

    /// Runs what a tick brings, now, until nothing is left to do; for tests.
    func runUpkeep() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.tick()
                while self.maintain() {}
                continuation.resume()
            }
        }
    }

    // MARK: on the queue

    /// Commits one group; the rest waits for its turn behind what else is queued.
    private func drain() {
        commit(nextGroup())
        let isDone = state.withLockedValue { state in
            state.isScheduled = !state.waiting.isEmpty
            return state.waiting.isEmpty
        }
        if !isDone { queue.async { self.drain() } }
    }

    private func nextGroup() -> [WriteRequest] {
        state.withLockedValue { state in
            var bytes = 0
            var count = 0
            for request in state.waiting.prefix(configuration.commitWrites) {
                bytes += request.operation.payloadBytes
                if count > 0, bytes > configuration.commitBytes { break }
                count += 1
            }
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return group
        }
    }

    private func commit(_ group: [WriteRequest]) {
        if let refusal = condition.refusal {
            for request in group { request.answer(.failure(refusal)) }
            return
        }
        do throws(StoreError) {
            let commit = try writer.commit(group.map(\.operation))
            if !commit.events.isEmpty {
                note(nil)
                onCommit(commit)
            }
            for (request, result) in zip(group, commit.results) { request.answer(result) }
        } catch {
            note(error)
            if error.code == .diskFull, group.count > 1 {
                // What doesn't fit must not take what does, or what makes room, down with it.
                for request in group { commit([request]) }
            } else {
                for request in group { request.answer(.failure(error)) }
            }
        }
    }

    private func note(_ error: StoreError?) {
        guard let error else {
            if condition.health != .ok { logger.notice("the store accepts writes again") }
            return condition.succeeded()
        }
        if condition.failed(error) { logger.error("the store failed", metadata: ["error": "\(error)"]) }
    }

    private func scheduleUpkeep() {
        let (seconds, attoseconds) = configuration.upkeepInterval.components
        let nanoseconds = max(0, min(seconds, 86_400)) * 1_000_000_000 + attoseconds / 1_000_000_000
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds))) { [weak self] in
            guard let self, !self.state.withLockedValue({ $0.isClosed }) else { return }
            self.tick()
            self.upkeepStep()
            self.scheduleUpkeep()
        }
    }

    private func tick() {
        guard condition.refusal == nil, condition.health == .ok else { return }
        do throws(StoreError) { try maintenance.tick(at: writer.lastVersion) } catch { note(error) }
    }

    /// One step, and another behind what waits if there is more to do.
    private func upkeepStep() {
        if maintain(), !state.withLockedValue({ $0.isClosed }) { queue.async { self.upkeepStep() } }
    }

    /// Makes one step; returns whether there is more to do.
    private func maintain() -> Bool {
        guard condition.refusal == nil else { return false }
        do throws(StoreError) {
            guard condition.health == .ok else {
                if try maintenance.canWrite() { note(nil) }
                return false
            }
            let (commit, hasMore) = try maintenance.step()
            if let commit, !commit.events.isEmpty { onCommit(commit) }
            return hasMore
        } catch {
            note(error)
            return false
        }
    }
}
