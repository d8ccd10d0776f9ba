import APIMachinery
import NIOCore
import ProfileStore

extension ObjectStoreConformance {
    static let writes: [Case] = [
        Case("an object that was created is read back whole, with its payload", createdIsReadBack),
        Case("what isn't there is nil, and names are compared by their bytes", absentIsNil),
        Case(
            "a second create of a name is refused and changes nothing; another resource may have it",
            secondCreateIsRefused),
        Case(
            "concurrent creates all succeed with versions of their own; of one name exactly one wins", concurrentCreates
        ),
        Case("updates see the latest state: of a hundred concurrent ones none is lost", noUpdateIsLost),
        Case(
            "an update may change nothing, refuse, replace, or delete; without an object it doesn't run",
            updateDecisions),
        Case(
            "versions go on upward and everything is there after the store is opened again", versionsGoOnAfterReopening),
        Case("what is cached is never older than the last answered write", cacheIsCoherent),
    ]

    static let deletions: [Case] = [
        Case(
            "a deletion returns the last state with the version of the deletion, also in its JSON",
            deletionReturnsLastState),
        Case("a deletion whose preconditions don't hold changes nothing and says what is in the record", preconditions),
    ]

    private static func createdIsReadBack(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let sample = SampleObject("shop", "p1").with {
            $0.labels = ["app": "web", "profefe.io/created-at": "1763712005", "empty": ""]
            $0.fields = ["spec.service": "frontend", "spec.type": ""]
            $0.payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        }
        let before = store.currentVersion
        let created = try await store.create(sample.draft)
        try expect(created.resourceVersion > before, "the version of a create isn't above the one before")
        try expectEqual(store.currentVersion, created.resourceVersion)
        try expectEqual(created, sample.stored(at: created.resourceVersion))
        try expectEqual(created.labels, sample.labels)
        try expectEqual(try await store.get("profiles", sample.key), created)
        try expectEqual(try await store.page(ObjectQuery(resource: "profiles")).items, [created])
        try expectEqual(try await store.payload("profiles", sample.key), sample.payload)
        let reader = try await store.openPayload("profiles", sample.key)
        var pieces: [UInt8] = []
        while let piece = try await reader?.next() {
            try expect(piece.readableBytes > 0, "an empty piece")
            pieces += piece.readableBytesView
        }
        try expectEqual(pieces, sample.payload, "the pieces joined")
        try expect(try await reader?.next() == nil, "a piece behind the last")
    }

    private static func absentIsNil(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        _ = try await store.create(SampleObject("shop", "p1").draft)
        for (resource, key) in [
            ("captures", ObjectKey(namespace: "shop", name: "p1")), ("profiles", ObjectKey(namespace: "", name: "p1")),
            ("profiles", ObjectKey(namespace: "shop", name: "P1")),
            ("profiles", ObjectKey(namespace: "shop", name: "p")),
            ("profiles", ObjectKey(namespace: "shop", name: "p1\u{0}")),
            ("profiles", ObjectKey(namespace: "%", name: "p1")),
        ] {
            try expectEqual(try await store.get(resource, key), nil, "\(resource) \(key)")
            try expectEqual(try await store.payload(resource, key), nil, "\(resource) \(key)")
            try expect(try await store.openPayload(resource, key) == nil, "\(resource) \(key)")
            try expectEqual(try await store.delete(resource, key), nil, "\(resource) \(key)")
        }
        try expectEqual(try await store.payload("profiles", ObjectKey(namespace: "shop", name: "p1")), nil)
    }

    private static func secondCreateIsRefused(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let first = try await store.create(SampleObject("shop", "p1").draft)
        try await expectError(.alreadyExists) {
            _ = try await store.create(SampleObject("shop", "p1", uid: "other").with { $0.payload = [1] }.draft)
        }
        try expectEqual(try await store.get("profiles", first.key), first)
        try expectEqual(try await store.payload("profiles", first.key), nil)
        let other = try await store.create(SampleObject("shop", "p1").with { $0.resource = "captures" }.draft)
        try expect(other.resourceVersion > first.resourceVersion, "versions aren't shared by resources")
    }

    private static func concurrentCreates(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let versions = try await withThrowingTaskGroup(of: ResourceVersion?.self) { group in
            for index in 0..<300 {
                group.addTask {
                    // Every third one fights for the same name: a neighbour's refusal must not fail the others.
                    let name = index % 3 == 0 ? "contended" : "p\(index)"
                    do {
                        return try await store.create(SampleObject("shop", name).draft).resourceVersion
                    } catch let error as StoreError where error.code == .alreadyExists {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [ResourceVersion]()) { if let version = $1 { $0.append(version) } }
        }
        try expectEqual(versions.count, 201)
        try expectEqual(Set(versions).count, 201, "distinct versions")
        let listed = try await store.page(ObjectQuery(resource: "profiles"))
        try expectEqual(Set(listed.items.map(\.resourceVersion)), Set(versions))
        try expectEqual(listed.snapshot, versions.max() ?? ResourceVersion(0))
    }

    private static func noUpdateIsLost(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let sample = SampleObject("shop", "counter")
        _ = try await store.create(sample.draft)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    _ = try await store.update("profiles", sample.key) { object in
                        let counter = Int(object.fields["counter"] ?? "0") ?? 0
                        return .replace(sample.with { $0.fields["counter"] = "\(counter + 1)" }.draft)
                    }
                }
            }
            try await group.waitForAll()
        }
        try expectEqual(try await store.get("profiles", sample.key)?.fields["counter"], "100")
    }

    private static func updateDecisions(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let sample = SampleObject("shop", "p1").with { $0.payload = [1, 2, 3] }
        let created = try await store.create(sample.draft)
        let key = sample.key
        try expectEqual(try await store.update("profiles", key) { _ in .unchanged }, created)
        try await expectError(.aborted) {
            _ = try await store.update("profiles", key) { _ throws(StoreError) in throw StoreError(.aborted, "no") }
        }
        try expectEqual(store.currentVersion, created.resourceVersion, "the version after updates without effect")

        let changed = sample.with {
            $0.counter = 5; $0.labels = ["new": "label"]; $0.payload = nil
        }
        let replaced = try await store.update("profiles", key) { _ in .replace(changed.draft) }
        try expectEqual(replaced, changed.stored(at: store.currentVersion))
        try expectEqual(try await store.get("profiles", key), replaced)
        try expectEqual(try await store.payload("profiles", key), [1, 2, 3], "the payload after a change without one")
        _ = try await store.update("profiles", key) { _ in .replace(changed.with { $0.payload = [9] }.draft) }
        try expectEqual(try await store.payload("profiles", key), [9])
        try await expectError(.aborted) {
            _ = try await store.update("profiles", key) { _ in .replace(SampleObject("shop", "p2").draft) }
        }
        let deleted = try await store.update("profiles", key) { _ in .delete }
        try expectEqual(deleted?.resourceVersion, store.currentVersion)
        try expectEqual(try await store.get("profiles", key), nil)
        try expectEqual(try await store.update("profiles", key) { _ in .replace(sample.draft) }, nil)
    }

    private static func versionsGoOnAfterReopening(_ subject: StoreUnderTest) async throws {
        var sample = SampleObject("shop", "p1").with { $0.payload = [7, 7] }
        _ = try await subject.store.create(sample.draft)
        _ = try await subject.store.create(SampleObject("shop", "p2").draft)
        let last = try await subject.store.delete("profiles", ObjectKey(namespace: "shop", name: "p2"))
        let store = try await subject.reopen()
        try expectEqual(store.currentVersion, try require(last, "the deleted object").resourceVersion)
        try expectEqual(try await store.payload("profiles", sample.key), [7, 7])
        sample.key = ObjectKey(namespace: "shop", name: "p3")
        let next = try await store.create(sample.draft)
        try expect(next.resourceVersion > (last?.resourceVersion ?? next.resourceVersion), "a version came again")
        try expectEqual(try await store.page(ObjectQuery(resource: "profiles")).items.map(\.key.name), ["p1", "p3"])
    }

    private static func cacheIsCoherent(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let sample = SampleObject("shop", "p1")
        _ = try await store.create(sample.draft)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<200 { _ = try await store.get("profiles", sample.key) }
                }
            }
            for number in 0..<100 {
                let answered = try await store.update("profiles", sample.key) { _ in
                    .replace(sample.with { $0.counter = number }.draft)
                }
                if let cached = store.cached("profiles", sample.key) { try expectEqual(cached, answered) }
                try expectEqual(try await store.get("profiles", sample.key), answered)
            }
            try await group.waitForAll()
        }
        _ = try await store.delete("profiles", sample.key)
        try expectEqual(store.cached("profiles", sample.key), nil)
        try expectEqual(try await store.get("profiles", sample.key), nil)
    }

    private static func deletionReturnsLastState(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let sample = SampleObject("shop", "p1").with {
            $0.labels = ["a": "b"]; $0.payload = [1]
        }
        let created = try await store.create(sample.draft)
        let deleted = try require(try await store.delete("profiles", sample.key), "the deleted object")
        try expect(deleted.resourceVersion > created.resourceVersion, "a deletion has no version of its own")
        try expectEqual(deleted, sample.stored(at: deleted.resourceVersion))
        try expectEqual(
            String(decoding: deleted.object.json, as: UTF8.self),
            String(decoding: sample.encoded(deleted.resourceVersion).json, as: UTF8.self))
        try expectEqual(try await store.get("profiles", sample.key), nil)
        try expectEqual(try await store.payload("profiles", sample.key), nil)
        try expectEqual(try await store.delete("profiles", sample.key), nil, "a second deletion")
        let again = try await store.create(
            sample.with {
                $0.uid = "second"; $0.payload = nil
            }.draft)
        try expect(again.resourceVersion > deleted.resourceVersion, "a version came again")
        try expectEqual(try await store.payload("profiles", sample.key), nil, "the payload of the object before")
    }

    private static func preconditions(_ subject: StoreUnderTest) async throws {
        let store = subject.store
        let created = try await store.create(SampleObject("shop", "p1").draft)
        let stale = ResourceVersion(1)
        try await expectError(.conflict(.uid)) {
            _ = try await store.delete("profiles", created.key, preconditions: Preconditions(uid: "nope"))
        }
        try await expectError(.conflict(.resourceVersion)) {
            let preconditions = Preconditions(uid: created.uid, resourceVersion: stale)
            _ = try await store.delete("profiles", created.key, preconditions: preconditions)
        }
        try expectEqual(try await store.get("profiles", created.key), created)
        try expectEqual(store.currentVersion, created.resourceVersion)
        let met = Preconditions(uid: created.uid, resourceVersion: created.resourceVersion)
        let deleted = try await store.delete("profiles", created.key, preconditions: met)
        try expectEqual(deleted?.uid, created.uid)
    }
}
