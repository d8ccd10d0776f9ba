import APIMachinery
import Logging
import ProfileStore
import TestSupport
import Testing

/// A file is a mirror of one source, or a store of its own.
@Suite struct MirrorMarkTests {
    private static let here = MirroredSource(name: "here", parts: ["here"], resource: "profiles")
    private static let there = MirroredSource(name: "there", parts: ["there"], resource: "profiles")

    /// Opens the store of a directory, gives it to `body`, and closes it.
    private static func with<R>(
        _ directory: TemporaryDirectory, _ mirror: MirroredSource?, at second: Int64 = 1_000_000,
        _ body: (EmbeddedStore) async throws -> R
    ) async throws -> R {
        var configuration = EmbeddedStoreConfiguration.still(directory.path) { second }
        configuration.mirror = mirror
        let store = try EmbeddedStore(configuration: configuration, logger: .silent)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    private static func refusal(_ directory: TemporaryDirectory, _ mirror: MirroredSource?) async -> StoreError.Code? {
        do {
            try await with(directory, mirror) { _ in }
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test func versionsOfAMirrorBeginWithItsTime() async throws {
        let directory = try TemporaryDirectory("mark")
        try await Self.with(directory, Self.here, at: 1_795_334_400) { store in
            #expect(store.currentVersion.rawValue == 1_795_334_400_000_000)
        }
        try await Self.with(directory, Self.here, at: 1_795_334_500) { store in
            #expect(store.currentVersion.rawValue == 1_795_334_400_000_000)
        }
    }

    @Test func anotherSourceDropsTheCopiesAndWhatWasRemembered() async throws {
        let directory = try TemporaryDirectory("mark")
        var capture = SampleObject("shop", "own")
        capture.resource = "profilecaptures"
        let own = capture.draft
        let old = try await Self.with(directory, Self.here) { store in
            _ = try await store.create(own)
            return try await store.create(SampleObject("shop", "copy").with { $0.payload = [1] }.draft).resourceVersion
        }
        try await Self.with(directory, Self.there, at: 1_000_001) { store in
            #expect(store.currentVersion > old)
            #expect(try await store.page(ObjectQuery(resource: "profiles")).items.isEmpty)
            #expect(try await store.page(ObjectQuery(resource: "profiles", limit: 1)).remaining == 0)
            #expect(try await store.get("profilecaptures", ObjectKey(namespace: "shop", name: "own")) != nil)
            #expect(throws: StoreError(.snapshotExpired, "")) { _ = try store.watch("profiles", after: old) }
            let again = try await store.create(SampleObject("shop", "copy").draft)
            #expect(try await store.payload("profiles", again.key) == nil)
            let labelled = try await store.page(
                ObjectQuery(resource: "profiles", labelSelector: try LabelSelector(parsing: "a=b")))
            #expect(labelled.items.isEmpty)
        }
    }

    @Test func versionsNeverGoBackThoughTheClockDoes() async throws {
        let directory = try TemporaryDirectory("mark")
        let old = try await Self.with(directory, Self.here, at: 2_000_000) { $0.currentVersion }
        try await Self.with(directory, Self.there, at: 1_000_000) { #expect($0.currentVersion >= old) }
    }

    @Test func aStoreOfItsOwnIsNoMirrorAndAMirrorNoStore() async throws {
        let own = try TemporaryDirectory("mark")
        try await Self.with(own, nil) { _ = try await $0.create(SampleObject("shop", "own").draft) }
        #expect(await Self.refusal(own, Self.here) == .configuration)
        let kept = try await Self.with(own, nil) { try await $0.page(ObjectQuery(resource: "profiles")).items.count }
        #expect(kept == 1)
        let mirror = try TemporaryDirectory("mark")
        #expect(await Self.refusal(mirror, Self.here) == nil)
        #expect(await Self.refusal(mirror, nil) == .configuration)
    }

    @Test func anEmptyStoreMayBecomeAMirror() async throws {
        let directory = try TemporaryDirectory("mark")
        #expect(await Self.refusal(directory, nil) == nil)
        #expect(await Self.refusal(directory, Self.here) == nil)
    }
}
