internal import APIMachinery
internal import Logging
internal import NIOConcurrencyHelpers
internal import ProfefeCollector
internal import ProfileStore

/// Makes a part of the store what a part of the collector is.
final class MirrorReconciler: Sendable {
    /// What the store has of each stream.
    let index = NIOLockedValueBox(MirrorIndex())
    private let store: any ObjectStore
    private let search: CollectorSearch
    private let mapping: CollectorMapping
    private let metrics: CollectorMetrics?
    private let logger: Logger

    /// Writes at a time: what a commit takes.
    private static let batch = 256

    init(_ configuration: CollectorConfiguration, store: any ObjectStore, logger: Logger) {
        self.store = store
        self.logger = logger
        search = CollectorSearch(configuration.client)
        mapping = CollectorMapping(unscopedNamespace: configuration.unscopedNamespace)
        metrics = configuration.metrics
    }

    /// Reads what the store has, once.
    func load() async throws(StoreError) {
        var query = ObjectQuery(resource: ProfilesGroup.profiles, limit: 500)
        var loaded = MirrorIndex()
        while true {
            let page = try await store.page(query)
            for profile in page.items { Self.load(profile, into: &loaded) }
            guard page.more, let last = page.items.last else { break }
            query.after = last.key
            query.snapshot = page.snapshot
            query.remainingBefore = page.remaining
        }
        loaded.seal()
        index.withLockedValue { [loaded] in $0 = loaded }
    }

    private static func load(_ profile: StoredObject, into index: inout MirrorIndex) {
        let fields = profile.fields
        guard let type = fields["spec.type"].flatMap(ProfileType.init),
            let entry = index.entry(
                second: profile.object.createdAt, xid: profile.key.name, namespace: profile.key.namespace)
        else { return }
        let stream = MirrorStream(
            service: fields["spec.service"] ?? "", type: type.collectorType)
        index.load(entry, into: stream)
    }

    /// Compares the profiles of a stream and of some seconds, both ends counted; what is new comes, what is gone goes.
    ///
    /// - Returns: questions asked, and profiles looked at.
    func reconcile(
        _ stream: MirrorStream, from first: Int64, to last: Int64
    ) async throws -> (questions: Int, profiles: Int) {
        guard let from = Timestamp(seconds: first), let to = Timestamp(seconds: last, nanoseconds: 999_999_999) else {
            return (0, 0)
        }
        // Before the question: what comes meanwhile isn't missed in the answer.
        var missing = Set(index.withLockedValue { $0.entries(stream, from: first, to: last) })
        var seen = 0
        let questions = try await search.forEach(stream.service, stream.type, from: from, to: to) { page in
            seen += page.count
            let (fresh, known) = sort(page, stream)
            missing.subtract(known)
            try await add(fresh, to: stream)
        }
        try await remove(missing, from: stream)
        return (questions, seen + missing.count)
    }

    // MARK: what is new

    private struct Fresh: Sendable {
        let entry: MirrorEntry
        let record: ProfileRecord
    }

    /// Those that the mirror hasn't, and the entries of those that it has.
    private func sort(_ page: [CollectorProfile], _ stream: MirrorStream) -> (fresh: [Fresh], known: [MirrorEntry]) {
        var fresh: [Fresh] = []
        var known: [MirrorEntry] = []
        var skipped = 0
        for profile in page {
            guard let id = CollectorID(profile.id) else {
                skipped += 1
                continue
            }
            let namespace = mapping.namespace(of: profile.labels.labels)
            let (entry, isKnown) = index.withLockedValue { index -> (MirrorEntry?, Bool) in
                let entry = index.entry(second: profile.createdAt.seconds, xid: id.xid, namespace: namespace)
                return (entry, entry.map { index.contains($0, in: stream) } ?? false)
            }
            if let entry, isKnown {
                known.append(entry)
            } else if let entry, let record = mapping.record(of: profile) {
                fresh.append(Fresh(entry: entry, record: record))
            } else {
                skipped += 1
            }
        }
        metrics?.changed(.skipped, skipped)
        return (fresh, known)
    }

    private func add(_ fresh: [Fresh], to stream: MirrorStream) async throws {
        for start in stride(from: 0, to: fresh.count, by: Self.batch) {
            let part = fresh[start..<min(start + Self.batch, fresh.count)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for one in part {
                    group.addTask { [store] in
                        do throws(StoreError) {
                            _ = try await store.create(one.record.draft)
                        } catch {
                            // Sent through this server, or seen by two questions.
                            guard error.code == .alreadyExists else { throw error }
                        }
                    }
                }
                try await group.waitForAll()
            }
            index.withLockedValue { $0.insert(part.map(\.entry), into: stream) }
            metrics?.changed(.added, part.count)
        }
    }

    // MARK: what is gone

    private func remove(_ gone: Set<MirrorEntry>, from stream: MirrorStream) async throws {
        guard !gone.isEmpty else { return }
        let all = Array(gone)
        for start in stride(from: 0, to: all.count, by: Self.batch) {
            let part = all[start..<min(start + Self.batch, all.count)]
            let keys = index.withLockedValue { index in
                part.map { ObjectKey(namespace: index.namespace(of: $0), name: $0.xid) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in keys {
                    group.addTask { [store] in _ = try await store.delete(ProfilesGroup.profiles, key) }
                }
                try await group.waitForAll()
            }
            index.withLockedValue { $0.remove(Set(part), from: stream) }
            metrics?.changed(.removed, part.count)
        }
        logger.info(
            "the collector no longer has profiles, they are removed",
            metadata: ["service": "\(stream.service)", "type": "\(stream.type.name)", "profiles": "\(all.count)"])
    }
}
