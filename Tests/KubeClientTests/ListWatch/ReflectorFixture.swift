import APIMachinery
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubeClient

/// A reflector on a fake kube-apiserver, and what it does.
struct ReflectorFixture {
    let api: FakeKubeAPI
    let clock = ManualClock()
    let cache: ObjectCache<String>
    let reflector: Reflector<ObjectCache<String>>
    let failures = NIOLockedValueBox<[KubeClientError]>([])

    /// Keeps of each object the text `data.v`; objects without it are left out.
    init(_ api: FakeKubeAPI, _ source: ListWatchSource, chance: Double = 0, onChange: @escaping @Sendable () -> Void)
        throws
    {
        self.api = api
        let steady = SteadyClock(clock)
        cache = ObjectCache(clock: steady) { _ in onChange() }
        reflector = Reflector(
            client: try KubeClient.make(api, clock: steady, chance: chance), source: source, sink: cache,
            logger: .silent, onFailure: { [failures] error in failures.withLockedValue { $0.append(error) } }
        ) { $0["data"]?["v"]?.stringValue }
    }

    /// Name and text of what is cached.
    var cached: [String: String] {
        var cached: [String: String] = [:]
        for name in ["a", "b", "c", "d"] {
            if let text = cache[ObjectKey(namespace: "default", name: name)] { cached[name] = text }
        }
        return cached
    }

    func waitForCache(_ wanted: [String: String]) async {
        while cached != wanted || !cache.synced { await Task.yield() }
    }

    func waitForFailures(_ count: Int) async {
        while failures.withLockedValue({ $0.count }) < count { await Task.yield() }
    }

    /// Waits for the pause after a failure, checks it and ends it.
    func pass(_ pause: Duration) async {
        await clock.waitForSleepers(1)
        #expect(clock.pauses == [pause])
        clock.advance(by: pause)
    }

    func put(_ name: String, _ text: String?) throws {
        try api.put(
            ["data": text.map { ["v": .string($0)] } ?? [:]], at: "\(ReflectorTests.maps)/\(name)")
    }

    /// Starts a reflector, gives it to `body` and ends it.
    static func with(
        source: ListWatchSource = ListWatchSource(path: ReflectorTests.maps), chance: Double = 0,
        before: (FakeKubeAPI) throws -> Void = { _ in }, _ body: (ReflectorFixture) async throws -> Void
    ) async throws {
        try await FakeKubeAPI.with { api in
            try before(api)
            let fixture = try ReflectorFixture(api, source, chance: chance) {}
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.reflector.run() }
                defer { group.cancelAll() }
                try await body(fixture)
            }
        }
    }

    /// The parameters of all lists so far.
    var lists: [QueryItems] { api.requests.filter { !$0.isWatch }.map(\.query) }
    /// The parameters of all watches so far.
    var watches: [QueryItems] { api.requests.filter(\.isWatch).map(\.query) }
}
