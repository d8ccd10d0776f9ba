internal import APIMachinery
internal import Logging
internal import NIOConcurrencyHelpers
internal import ProfileStore

/// Keeps the ``ServiceBook`` of a store: made when it is first asked for, from all profiles, then kept up by their events.
///
/// States: not made → (asked for) made and followed → (the store fails, or events were missed) not made. Nobody who doesn't ask for
/// services pays for them. A reader sees every write of a profile that was answered before he asked.
public final class ServiceIndex: Sendable {
    private struct Waiter {
        let goal: ResourceVersion
        let continuation: CheckedContinuation<Result<Void, StoreError>, Never>
    }

    private struct State {
        var book: ServiceBook?
        var hasEnded = false
        var lastID: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
        var followers: [UInt64: ServiceChanges.Continuation] = [:]
    }

    private let store: any ObjectStore
    private let answered: AnsweredWrites
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let demands: AsyncStream<Void>
    private let demand: AsyncStream<Void>.Continuation
    /// Changes that a watch may be behind before it is cut off.
    private let backlog: Int

    init(store: any ObjectStore, answered: AnsweredWrites, logger: Logger, backlog: Int = 16_384) {
        self.store = store
        self.answered = answered
        self.logger = logger
        self.backlog = backlog
        (demands, demand) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the task is cancelled.
    public func run() async {
        for await _ in demands {
            do throws(StoreError) {
                try await makeAndFollow()
            } catch {
                logger.log(
                    level: error.code == .watchOverflow || error.code == .closed ? .debug : .info,
                    "the index of services has to be made anew", metadata: ["reason": "\(error)"])
                fail(error)
            }
        }
        state.withLockedValue { $0.hasEnded = true }
        fail(StoreError(.closed, "the index of services has ended"))
    }

    // MARK: readers' side

    /// The version of the newest state; nil if it has to be made first.
    var version: ResourceVersion? { state.withLockedValue { $0.book?.version } }

    /// Reads the newest state; `body` runs under the lock: it takes out what it needs, and no more.
    func read<Value: Sendable>(_ body: (ServiceBook) -> Value) async throws(StoreError) -> Value {
        let goal = answered.newest
        while true {
            try await wait(for: goal).get()
            // It may have been dropped again meanwhile.
            if let value = state.withLockedValue({ state in state.book.map(body) }) { return value }
        }
    }

    private func wait(for goal: ResourceVersion) async -> Result<Void, StoreError> {
        let id = state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Result<Void, StoreError>? = state.withLockedValue { state in
                    if let book = state.book, book.version >= goal { return .success(()) }
                    if state.hasEnded || Task.isCancelled { return .failure(Self.ended) }
                    state.waiters[id] = Waiter(goal: goal, continuation: continuation)
                    if state.book == nil { demand.yield() }
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let waiter = state.withLockedValue { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(returning: .failure(Self.ended))
        }
    }

    /// The changes behind a version, none missing; ends when they were read too slowly, or the index is made anew.
    ///
    /// - Throws: `.snapshotExpired` if they aren't all known any more.
    func changes(after version: ResourceVersion) async throws(StoreError) -> ServiceChanges {
        try await read { _ in }
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServiceChange?.self, bufferingPolicy: .bufferingOldest(backlog))
        let isIn = state.withLockedValue { state in
            guard let past = state.book?.changes(after: version) else { return false }
            for change in past { continuation.yield(change) }
            state.lastID += 1
            let id = state.lastID
            state.followers[id] = continuation
            continuation.onTermination = { [weak self] _ in
                _ = self?.state.withLockedValue { $0.followers.removeValue(forKey: id) }
            }
            return true
        }
        guard isIn else {
            throw StoreError(.snapshotExpired, "too old resource version: \(version)")
        }
        return ServiceChanges(stream: stream) { continuation.yield(nil) }
    }

    private static let ended = StoreError(.closed, "the index of services has ended")

    // MARK: the store's side

    private func makeAndFollow() async throws(StoreError) {
        let (book, events) = try await make()
        let waiters = state.withLockedValue { state in
            state.book = book
            return Self.served(&state)
        }
        for waiter in waiters { waiter.resume(returning: .success(())) }
        while let event = try await events.next() { apply(event) }
        throw Self.ended
    }

    /// Reads all profiles of one state, page by page, and begins to listen for what changes behind it.
    private func make() async throws(StoreError) -> (ServiceBook, EventSubscription) {
        var query = ObjectQuery(resource: ProfilesGroup.profiles, limit: 1000)
        var page = try await store.page(query)
        let events = try store.watch(ProfilesGroup.profiles, after: page.snapshot)
        var book = ServiceBook(at: page.snapshot)
        query.snapshot = page.snapshot
        while true {
            for profile in page.items { book.load(profile) }
            guard page.more, let last = page.items.last else { break }
            query.after = last.key
            query.remainingBefore = page.remaining
            page = try await store.page(query)
        }
        book.seal()
        return (book, events)
    }

    private func apply(_ event: StoreEvent) {
        var slow: [ServiceChanges.Continuation] = []
        let waiters: [CheckedContinuation<Result<Void, StoreError>, Never>] = state.withLockedValue { state in
            guard let change = state.book?.apply(event) else { return [] }
            for (id, follower) in state.followers {
                if case .enqueued = follower.yield(change) { continue }
                state.followers[id] = nil
                slow.append(follower)
            }
            return Self.served(&state)
        }
        // Not under the lock, which the end of a stream takes.
        for follower in slow { follower.finish() }
        for waiter in waiters { waiter.resume(returning: .success(())) }
    }

    /// Takes out who has waited for what is there now.
    private static func served(
        _ state: inout State
    ) -> [CheckedContinuation<Result<Void, StoreError>, Never>] {
        guard let version = state.book?.version, !state.waiters.isEmpty else { return [] }
        let served = state.waiters.filter { $0.value.goal <= version }
        for id in served.keys { state.waiters[id] = nil }
        return served.values.map(\.continuation)
    }

    /// Forgets everything; who waits is told why.
    private func fail(_ error: StoreError) {
        let (waiters, followers) = state.withLockedValue { state in
            defer {
                state.book = nil
                state.waiters = [:]
                state.followers = [:]
            }
            return (state.waiters.values.map(\.continuation), Array(state.followers.values))
        }
        for follower in followers { follower.finish() }
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }
}

/// The changes that one watch is told; nil among them says that it was interrupted.
struct ServiceChanges: Sendable {
    typealias Continuation = AsyncStream<ServiceChange?>.Continuation

    let stream: AsyncStream<ServiceChange?>
    let interrupt: @Sendable () -> Void
}
