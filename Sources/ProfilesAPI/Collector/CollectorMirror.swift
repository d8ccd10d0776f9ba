internal import APIMachinery
internal import Logging
internal import NIOConcurrencyHelpers
internal import ProfefeCollector
internal import ProfileStore

/// Keeps the Profiles of a store equal to what a collector has: run it.
///
/// Each poll asks for each service and type for what was taken lately, in order of which the store counts its versions: the first sight.
/// What came late, and what is gone, is found by comparing all the rest with the collector, a part of it beside each poll; the first
/// poll of a process compares everything. A profile is gone when a complete answer lacks it, which the mirror had before it asked.
public final class CollectorMirror: Sendable {
    /// How new it is.
    public let freshness: MirrorFreshness
    private let configuration: CollectorConfiguration
    private let store: any ObjectStore
    private let reconciler: MirrorReconciler
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    /// Where comparing goes on: the stream, and the second in it.
    private let cursor = NIOLockedValueBox<(stream: MirrorStream, second: Int64)?>(nil)

    /// After a failure the next poll comes after this time at the latest.
    private static let retryPause = Duration.seconds(5)
    /// Streams that are asked for at a time.
    private static let parallelism = 4
    /// Entries of the mirror that are compared by one question.
    private static let partSize = 500
    /// What a question weighs, in profiles compared.
    private static let questionWeight = 25

    init(
        _ configuration: CollectorConfiguration, store: any ObjectStore, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.clock = clock
        self.now = now
        self.logger = logger
        freshness = MirrorFreshness(patience: configuration.pollInterval * 2 + .seconds(60), now: now)
        reconciler = MirrorReconciler(configuration, store: store, logger: logger)
    }

    /// How many profiles it has.
    var count: Int { reconciler.index.withLockedValue { $0.count } }

    /// Polls until the task is cancelled.
    @concurrent public func run() async {
        while !Task.isCancelled {
            do {
                try await load()
                break
            } catch {
                // The store says by itself why it can't be read.
                logger.debug("the mirror waits for the store", metadata: ["error": "\(error)"])
            }
            guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
        }
        while !Task.isCancelled {
            let succeeded = await poll()
            let pause = succeeded ? configuration.pollInterval : min(configuration.pollInterval, Self.retryPause)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
        }
    }

    /// Reads what the store has: before the first poll.
    func load() async throws(StoreError) { try await reconciler.load() }

    /// One poll; whether it went through.
    func poll() async -> Bool {
        let began = now()
        let start = ContinuousClock.now
        do {
            try await ask(at: began)
            if freshness.caution != nil {
                logger.notice("the mirror of the collector is up to date", metadata: ["profiles": "\(count)"])
            }
            freshness.succeeded(began)
            configuration.metrics?.polled(in: ContinuousClock.now - start, nil)
            return true
        } catch {
            if Task.isCancelled { return false }
            let code = Self.code(of: error)
            configuration.metrics?.polled(in: ContinuousClock.now - start, code)
            if freshness.failed(code) {
                logger.error("the collector can't be mirrored", metadata: ["error": "\(error)"])
            }
            return false
        }
    }

    private static func code(of error: any Error) -> String {
        switch error {
        case let error as CollectorError: "\(error.code)"
        case let error as StoreError: "store \(error.code)"
        default: "internal"
        }
    }

    private func ask(at moment: Timestamp) async throws {
        let known = reconciler.index.withLockedValue { $0.services }
        let services = known.union(try await configuration.client.services())
        let streams = services.flatMap { service in
            CollectorType.allCases.map { MirrorStream(service: service, type: $0) }
        }.sorted()
        let isFirst = freshness.complete == nil
        let since = min(freshness.complete ?? moment, moment).adding(.zero - configuration.overlap).seconds
        try await forEach(streams) { [reconciler] in
            _ = try await reconciler.reconcile($0, from: since, to: CollectorQuery.latest.seconds)
        }
        if isFirst {
            try await forEach(streams) { try await self.compareAll($0, before: since) }
        } else {
            try await compareSome(streams, before: since)
        }
    }

    /// Some at a time. A refusal of one doesn't keep the others from their turn; an outage does.
    private func forEach(
        _ streams: [MirrorStream], _ body: @escaping @Sendable (MirrorStream) async throws -> Void
    ) async throws {
        let left = NIOLockedValueBox(streams[...])
        let refusal = NIOLockedValueBox<CollectorError?>(nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.parallelism {
                group.addTask {
                    while let stream = left.withLockedValue({ $0.popFirst() }) {
                        do {
                            try await body(stream)
                        } catch let error as CollectorError where !error.isOutage && error.code != .cancelled {
                            refusal.withLockedValue { $0 = error }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        if let error = refusal.withLockedValue({ $0 }) { throw error }
    }

    // MARK: comparing

    private func compareAll(_ stream: MirrorStream, before end: Int64) async throws {
        var second = CollectorQuery.earliest.seconds
        while second < end {
            second = try await comparePart(stream, from: second, before: end).next
        }
    }

    /// Goes on where it ended the last time, once around at most. A stream that is refused is passed over, and told of at the end.
    private func compareSome(_ streams: [MirrorStream], before end: Int64) async throws {
        guard !streams.isEmpty else { return }
        let start = cursor.withLockedValue { $0 }
        var place = start.map { start in streams.partitionPoint { $0 < start.stream } } ?? 0
        if place == streams.count { place = 0 }
        let isSame = start.map { $0.stream == streams[place] } ?? false
        var second = isSame ? start?.second ?? 0 : CollectorQuery.earliest.seconds
        var (budget, visited) = (configuration.comparedPerPoll, 0)
        var refusal: CollectorError?
        while budget > 0, visited <= streams.count {
            guard second < end else {
                place = (place + 1) % streams.count
                second = CollectorQuery.earliest.seconds
                visited += 1
                continue
            }
            do {
                let part = try await comparePart(streams[place], from: second, before: end)
                second = part.next
                budget -= part.weight
            } catch let error as CollectorError where !error.isOutage && error.code != .cancelled {
                refusal = error
                second = end
                budget -= Self.questionWeight
            }
            cursor.withLockedValue { [place, second] in $0 = (streams[place], second) }
        }
        if let refusal { throw refusal }
    }

    private func comparePart(
        _ stream: MirrorStream, from second: Int64, before end: Int64
    ) async throws -> (next: Int64, weight: Int) {
        let last = reconciler.index.withLockedValue {
            $0.end(ofPart: stream, from: second, size: Self.partSize, last: end - 1)
        }
        let (questions, profiles) = try await reconciler.reconcile(stream, from: second, to: last)
        return (last + 1, profiles + questions * Self.questionWeight)
    }
}
