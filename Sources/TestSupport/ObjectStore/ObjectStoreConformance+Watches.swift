import APIMachinery
import ProfileStore

extension ObjectStoreConformance {
    static let watches: [Case] = [
        Case(
            "W08: a watch tells creates, changes and deletions after its start, in order, with the state before",
            watchTellsAll),
        Case("a watch from an earlier version that is remembered begins right after it", watchFromEarlier),
        Case("a watch from a future version tells only what comes above it", watchFromFuture),
        Case("W12: after opening again a watch from before is told all that happened since", watchAfterReopening),
        Case("W12: what it is told then goes on without a seam in what happens now", watchAcrossReopening),
        Case("W05: a watch is refused if what it should be told was forgotten, and only then", watchFromForgotten),
        Case("a watch ends when it is cancelled and when its task is, also while it waits", watchEnds),
        Case("a watch that is interrupted gives nothing, once, and goes on with every event", watchIsInterrupted),
        Case(
            "W01: a list and the watch from its version together give the state, without gap or repetition",
            listThenWatch),
        Case(
            "a watch of a namespace is told what happens there, of the past and of the present, and knows how far it is",
            watchOfANamespace),
        Case("W11: a watch that nobody reads holds no writer up", idleWatch),
    ]

    private static func watchTellsAll(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let early = try await store.create(SampleObject("shop", "early").draft)
        let watch = try store.watch("profiles", after: early.resourceVersion)
        let sample = SampleObject("shop", "p1")
        let created = try await store.create(sample.draft)
        _ = try await store.create(sample.with { $0.resource = "captures" }.draft)
        let changed = try await store.update("profiles", sample.key) { _ in
            .replace(sample.with { $0.counter = 1 }.draft)
        }
        _ = try await store.update("profiles", sample.key) { _ in .unchanged }
        let deleted = try await store.delete("profiles", sample.key)
        let expected: [(StoreEvent.Kind, StoredObject?, StoredObject?)] = [
            (.added, created, nil), (.modified, changed, created), (.deleted, deleted, changed),
        ]
        for (type, object, previous) in expected {
            let event = try require(try await watch.next(), "an event")
            try expectEqual(event.type, type)
            try expectEqual(event.object, object)
            try expectEqual(event.previous, previous)
            try expectEqual(event.resourceVersion, object?.resourceVersion)
        }
        watch.cancel()
    }

    private static func watchFromEarlier(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        var versions: [ResourceVersion] = []
        for index in 0..<20 {
            versions.append(try await store.create(SampleObject("shop", "p\(index)").draft).resourceVersion)
        }
        for start in [0, 7, 18] {
            let watch = try store.watch("profiles", after: versions[start])
            for version in versions[(start + 1)...] {
                try expectEqual(try await watch.next()?.resourceVersion, version)
            }
            watch.cancel()
        }
    }

    private static func watchFromFuture(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let future = ResourceVersion(store.currentVersion.rawValue + 2)
        let watch = try store.watch("profiles", after: future)
        for index in 0..<4 { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
        try expectEqual(try await watch.next()?.resourceVersion, ResourceVersion(future.rawValue + 1))
        watch.cancel()
    }

    private static func watchAfterReopening(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let start = store.currentVersion
        let sample = SampleObject("shop", "p1")
        let first = try await store.create(sample.with { $0.payload = [1] }.draft)
        _ = try await store.create(sample.with { $0.resource = "captures" }.draft)
        let changed = try await store.update("profiles", sample.key) { _ in
            .replace(sample.with { $0.counter = 1 }.draft)
        }
        let deleted = try await store.delete("profiles", sample.key)
        let again = try await store.create(sample.with { $0.uid = "second" }.draft)
        let other = try await store.create(SampleObject("shop", "p2").draft)
        let expected: [(StoreEvent.Kind, StoredObject?, StoredObject?)] = [
            (.added, first, nil), (.modified, changed, first), (.deleted, deleted, changed), (.added, again, nil),
            (.added, other, nil),
        ]
        let reopened = try await subject.reopen()
        let starts = [start] + expected.compactMap { $0.1?.resourceVersion }
        for (skipped, start) in starts.enumerated() {
            let watch = try reopened.watch("profiles", after: start)
            for (type, object, previous) in expected.dropFirst(skipped) {
                let event = try require(try await watch.next(), "an event")
                try expectEqual(event.type, type)
                try expectEqual(event.object, object)
                try expectEqual(event.previous, previous)
            }
            watch.cancel()
        }
    }

    private static func watchAcrossReopening(_ subject: StoreUnderTest) async throws {
        let first = try await subject.store.create(SampleObject("shop", "p0").draft)
        for index in 1..<700 { _ = try await subject.store.create(SampleObject("shop", "p\(index)").draft) }
        let store = try await subject.reopen()
        let watch = try store.watch("profiles", after: first.resourceVersion)
        let writer = Task {
            for index in 700..<900 { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
        }
        for index in 1..<900 { try expectEqual(try await watch.next()?.object.key.name, "p\(index)") }
        try await writer.value
        watch.cancel()
    }

    private static func watchFromForgotten(_ subject: StoreUnderTest) async throws {
        let first = try await subject.store.create(SampleObject("shop", "p1").draft)
        let deleted = try require(try await subject.store.delete("profiles", first.key), "the deleted object")
        let second = try await subject.store.create(SampleObject("shop", "p2").draft)
        let store = try await subject.reopen()
        try await subject.forgetHistory()
        try await expectError(.snapshotExpired) { _ = try store.watch("profiles", after: first.resourceVersion) }
        let watch = try store.watch("profiles", after: deleted.resourceVersion)
        try expectEqual(try await watch.next()?.object, second)
        watch.cancel()
    }

    private static func watchEnds(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let cancelled = try store.watch("profiles", after: store.currentVersion)
        let waiting = Task { try await cancelled.next()?.resourceVersion }
        cancelled.cancel()
        try expectEqual(try await waiting.value, nil)
        try expectEqual(try await cancelled.next()?.resourceVersion, nil)

        let abandoned = try store.watch("profiles", after: store.currentVersion)
        let reader = Task { try await abandoned.next()?.resourceVersion }
        reader.cancel()
        try expectEqual(try await reader.value, nil)
    }

    private static func watchIsInterrupted(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let start = store.currentVersion
        let watch = try store.watch("profiles", after: start)
        watch.interrupt()
        try expectEqual(try await watch.nextBatch()?.events.count, 0)
        let waiting = Task { try await watch.nextBatch()?.events.count }
        watch.interrupt()
        try expectEqual(try await waiting.value, 0)
        for index in 0..<5 { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
        // Events that are there come with the interruption, and it is over then.
        watch.interrupt()
        try expectEqual(try await watch.nextBatch()?.events.count, 5)
        let next = Task { try await watch.nextBatch()?.events.map(\.object.key.name) }
        _ = try await store.create(SampleObject("shop", "last").draft)
        try expectEqual(try await next.value, ["last"])
        watch.cancel()
        try expectEqual(try await watch.nextBatch()?.events.count, nil)
    }

    private static func watchOfANamespace(_ subject: StoreUnderTest) async throws {
        let start = subject.store.currentVersion
        for index in 0..<300 { _ = try await subject.store.create(SampleObject("n\(index % 3)", "p\(index)").draft) }
        let store = try await subject.reopen()
        let scopes = [WatchScope(namespace: "n1"), WatchScope(namespace: "n1", pace: .gathered)]
        let watches = try scopes.map { try store.watch("profiles", $0, after: start) }
        let silent = try store.watch("profiles", WatchScope(namespace: "n4"), after: start)
        for index in 300..<450 { _ = try await store.create(SampleObject("n\(index % 3)", "p\(index)").draft) }
        for watch in watches {
            for index in stride(from: 1, to: 450, by: 3) {
                try expectEqual(try await watch.next()?.object.key, ObjectKey(namespace: "n1", name: "p\(index)"))
            }
            watch.interrupt()
            let batch = try await watch.nextBatch()
            try expectEqual(batch?.events.count, 0)
            try expectEqual(batch?.through, store.currentVersion)
            watch.cancel()
        }
        let waiting = Task { try await silent.next()?.object.key.name }
        _ = try await store.create(SampleObject("n4", "first").draft)
        try expectEqual(try await waiting.value, "first")
        silent.cancel()
    }

    private static func listThenWatch(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 { group.addTask { try await churn(store, worker) } }
            for _ in 0..<4 { group.addTask { try await follow(store) } }
            try await group.waitForAll()
        }
    }

    private static func idleWatch(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let idle = try store.watch("profiles", after: store.currentVersion)
        for index in 0..<500 { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
        try expectEqual(try await store.page(ObjectQuery(resource: "profiles")).items.count, 500)
        idle.cancel()
    }

    /// Creates, changes and deletes objects of its own, and at the end one that says it is done.
    private static func churn(_ store: any ObjectStore, _ worker: Int) async throws {
        var random = SeededRandom(seed: UInt64(worker))
        for number in 0..<150 {
            let sample = SampleObject("w\(worker)", "p\(Int.random(in: 0..<10, using: &random))").with {
                $0.counter = number
            }
            if try await store.get("profiles", sample.key) == nil {
                _ = try await store.create(sample.draft)
            } else if number % 2 == 0 {
                _ = try await store.delete("profiles", sample.key)
            } else {
                _ = try await store.update("profiles", sample.key) { _ in .replace(sample.draft) }
            }
        }
        _ = try await store.create(SampleObject("done", "w\(worker)").draft)
    }

    /// Lists, then watches until all workers are done, and compares what it was told with what is there.
    private static func follow(_ store: any ObjectStore) async throws {
        let (items, snapshot, _) = try await store.all(ObjectQuery(resource: "profiles", limit: 9))
        var state = Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0) })
        let watch = try store.watch("profiles", after: snapshot)
        var last = snapshot
        while state.keys.filter({ $0.namespace == "done" }).count < 4 {
            let event = try require(try await watch.next(), "the next event")
            try expect(event.resourceVersion > last, "an event at \(event.resourceVersion) after one at \(last)")
            last = event.resourceVersion
            let key = event.object.key
            try expectEqual(event.previous, state[key], "the state of \(key) before \(event.type)")
            try expectEqual(event.type == .added, state[key] == nil, "\(event.type) of \(key)")
            state[key] = event.type == .deleted ? nil : event.object
        }
        watch.cancel()
        let present = try await store.page(ObjectQuery(resource: "profiles"))
        try expectEqual(Set(state.values), Set(present.items), "what the events add up to")
    }
}
