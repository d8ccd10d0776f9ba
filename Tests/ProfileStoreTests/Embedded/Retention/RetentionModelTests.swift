import APIMachinery
import Glibc
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import ProfileStore

/// What should be left, kept in the simplest way and decided by brute force.
private struct RetentionModel {
    struct Entry {
        var sample: SampleObject
        let storedAt: Int64

        var isPinned: Bool { sample.labels["profefe.io/pinned"] == "true" }
        var bytes: Int64 { RetentionModel.bytes(of: sample) }
    }

    let limits: StoreLimits
    /// In the order in which they came.
    var entries: [Entry] = []
    var policy = RetentionPolicy()
    var now = RetainingStore.start

    static func bytes(of sample: SampleObject) -> Int64 {
        let encoded = sample.encoded(ResourceVersion(1001))
        let packed = PackedPairs(sample.labels).bytes.count + PackedPairs(sample.fields).bytes.count
        return Int64(1024 + encoded.json.count + RetainingStore.stamp(nil).count + packed)
            + Int64(sample.payload?.count ?? 0)
    }

    func end(_ entry: Entry) -> Int64? {
        if entry.isPinned { return nil }
        let type = entry.sample.fields["spec.type"] ?? ""
        let rule = policy.rules.first { rule in
            (rule.namespaces.isEmpty || rule.namespaces.contains(entry.sample.key.namespace))
                && (rule.classes.isEmpty || rule.classes.contains(type))
        }
        guard case .seconds(let seconds) = rule?.lifetime ?? policy.fallback else { return nil }
        return entry.storedAt + seconds
    }

    func sum(_ namespace: String? = nil, heldOnly: Bool = false) -> Int64 {
        entries.filter { (namespace == nil || $0.sample.key.namespace == namespace) && (!heldOnly || $0.isPinned) }
            .reduce(0) { $0 + $1.bytes }
    }

    func refusal(_ sample: SampleObject) -> StoreError.Code? {
        let bytes = Self.bytes(of: sample)
        if let limit = limits.namespaceBytes {
            if bytes > limit { return .tooLarge }
            if sum(sample.key.namespace, heldOnly: true) + bytes > limit { return .limitExceeded }
        }
        if let limit = limits.storeBytes {
            if bytes > limit { return .tooLarge }
            if sum(heldOnly: true) + bytes > limit { return .insufficientStorage }
        }
        return nil
    }

    mutating func settle() {
        entries = entries.filter { entry in end(entry).map { $0 > now } ?? true }
        for namespace in Set(entries.map(\.sample.key.namespace)) {
            while let limit = limits.namespaceBytes, sum(namespace) > limit,
                let oldest = entries.firstIndex(where: { $0.sample.key.namespace == namespace && !$0.isPinned })
            {
                entries.remove(at: oldest)
            }
        }
        while let limit = limits.storeBytes, sum() > limit, let oldest = entries.firstIndex(where: { !$0.isPinned }) {
            entries.remove(at: oldest)
        }
    }
}

/// A random life of a store with retention, compared with the model after each step, and with what a watch was told at the end.
@Suite struct RetentionModelTests {
    private static let namespaces = ["shop", "cart", "team-a"]
    private static let types = ["cpu", "heap", "trace"]

    private static let lives: [(UInt64, StoreLimits)] = [
        (1, StoreLimits()), (2, StoreLimits(namespaceBytes: 60_000)), (3, StoreLimits(storeBytes: 90_000)),
        (4, StoreLimits(storeBytes: 100_000, namespaceBytes: 50_000)),
    ]

    @Test(arguments: lives)
    func leavesWhatBruteForceLeaves(_ seed: UInt64, _ limits: StoreLimits) async throws {
        var random = SeededRandom(seed: seed)
        let subject = try RetainingStore(limits)
        var model = RetentionModel(limits: limits)
        let watch = try subject.store.watch("profiles", after: subject.store.currentVersion)
        var refusals: Set<StoreError.Code> = []
        for step in 0..<300 {
            try await change(subject, &model, &random, step, &refusals)
            await subject.settle()
            model.settle()
            try await compare(subject, model, step)
        }
        #expect(subject.store.statistics.retired[.age] ?? 0 > 5)
        if limits != StoreLimits() { #expect(!refusals.isEmpty) }
        try await follow(watch, subject)
        #expect(try StoreAudit(subject.directory.path).faults() == [])
        await subject.store.close()
    }

    private func change(
        _ subject: RetainingStore, _ model: inout RetentionModel, _ random: inout SeededRandom, _ step: Int,
        _ refusals: inout Set<StoreError.Code>
    ) async throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<11:
            let bytes = Int.random(in: 0..<40, using: &random) == 0 ? 120_000 : Int.random(in: 0..<9000, using: &random)
            let sample = RetainingStore.sample(
                Self.namespaces.randomElement(using: &random) ?? "", "p\(1000 + step)",
                type: Self.types.randomElement(using: &random) ?? "", bytes: bytes,
                isPinned: Int.random(in: 0..<6, using: &random) == 0)
            var seen: StoreError.Code?
            do throws(StoreError) { _ = try await subject.store.create(sample.draft) } catch { seen = error.code }
            try #require(seen == model.refusal(sample), "step \(step)")
            if let seen {
                refusals.insert(seen)
            } else {
                model.entries.append(.init(sample: sample, storedAt: model.now))
            }
        case 11..<14:
            guard let index = model.entries.indices.randomElement(using: &random) else { return }
            let isPinned = !model.entries[index].isPinned
            try await subject.pin(model.entries[index].sample.key, isPinned)
            model.entries[index].sample.labels = isPinned ? ["profefe.io/pinned": "true"] : [:]
        case 14:
            guard let index = model.entries.indices.randomElement(using: &random) else { return }
            _ = try await subject.store.delete("profiles", model.entries.remove(at: index).sample.key)
        case 15..<18:
            let seconds = Int64.random(in: 1..<400, using: &random)
            subject.advance(seconds)
            model.now += seconds
        default:
            var rules: [RetentionPolicy.Rule] = []
            for _ in 0..<Int.random(in: 0..<3, using: &random) {
                rules.append(
                    .init(
                        namespaces: Bool.random(using: &random) ? ["shop"] : [],
                        classes: Bool.random(using: &random) ? ["heap", "trace"] : [],
                        lifetime: .seconds(Int64.random(in: 1..<3000, using: &random))))
            }
            let fallback: RetentionPolicy.Lifetime =
                Bool.random(using: &random) ? .forever : .seconds(Int64.random(in: 100..<2000, using: &random))
            model.policy = RetentionPolicy(fallback, rules: rules)
            subject.policy.withLockedValue { [policy = model.policy] in $0 = policy }
        }
    }

    private func compare(_ subject: RetainingStore, _ model: RetentionModel, _ step: Int) async throws {
        let items = try await subject.store.page(ObjectQuery(resource: "profiles")).items
        try #require(Set(items.map(\.key)) == Set(model.entries.map(\.sample.key)), "step \(step)")
        let ends = Dictionary(uniqueKeysWithValues: model.entries.map { ($0.sample.key, model.end($0)) })
        for item in items {
            try #require(item.object.cells == RetainingStore.stamp(ends[item.key] ?? nil), "step \(step) \(item.key)")
        }
        let usage = subject.store.statistics.usage.values.reduce(StoreUsage(), +)
        try #require(usage.bytes == model.sum() && usage.heldBytes == model.sum(heldOnly: true), "step \(step)")
        try #require(usage.objects == Int64(model.entries.count))
    }

    /// What a watch was told of, put together, is what is there.
    private func follow(_ watch: EventSubscription, _ subject: RetainingStore) async throws {
        let current = subject.store.currentVersion
        var state: [ObjectKey: StoredObject] = [:]
        var version = ResourceVersion(0)
        while version < current, let event = try await watch.next() {
            try #require(event.resourceVersion > version)
            version = event.resourceVersion
            state[event.object.key] = event.type == .deleted ? nil : event.object
        }
        let items = try await subject.store.page(ObjectQuery(resource: "profiles")).items
        #expect(Set(items) == Set(state.values))
    }
}
