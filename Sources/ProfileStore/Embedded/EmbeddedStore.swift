public import APIMachinery
public import Logging
internal import NIOConcurrencyHelpers

/// A store in one directory of this machine, over SQLite.
///
/// Writes queue up for the one writer and share its commits, each synced before its writes are answered. Reads run on a
/// few connections beside it, each from one state of the database. States that have ended are kept a while, so that the
/// later pages of a list see the first page's state. Payloads are never kept in memory.
public final class EmbeddedStore: ObjectStore {
    private let directory: StoreDirectory
    private let connection: SQLiteConnection
    let commits: CommitQueue
    private let readers: ReaderPool
    private let files: PayloadFiles
    private let fileBytes: Int
    private let cache: ObjectCache
    let hub: EventHub
    private let floor: HistoryFloor
    private let condition = StoreCondition()
    private let version: NIOLockedValueBox<ResourceVersion>
    let retention: Retention
    let watermark: DiskWatermark
    let space: SpaceReturn
    let retired: NIOLockedValueBox<[RetirementReason: Int]>

    /// Opens the store, making it if the directory has none.
    ///
    /// Takes some milliseconds whatever the store holds, but for the first time after a release that wrote other tables; a store of few
    /// megabytes is checked for damage.
    ///
    /// - Throws: `.locked`, `.readOnly`, `.corrupt`, `.newerSchema`, `.diskFull`, `.configuration`, `.unavailable`.
    public init(configuration: EmbeddedStoreConfiguration, logger: Logger) throws(StoreError) {
        directory = try StoreDirectory(path: configuration.directory)
        try directory.checkDatabase()
        connection = try DatabaseOpening.writer(directory, configuration)
        let current = ObjectRow.version(try DatabaseOpening.meta("version", connection))
        let resources = try ResourceIDs(connection)
        let files = try PayloadFiles(directory.payloadsPath)
        var readers: [Reader] = []
        for _ in 0..<max(1, configuration.readers) {
            let connection = try DatabaseOpening.reader(directory, configuration)
            readers.append(
                try Reader(connection, resources: resources, files: files, rangeLabel: configuration.rangeLabel))
        }
        let cache = ObjectCache(maximumBytes: configuration.cacheBytes)
        let hub = EventHub(
            origin: current, maximumBytes: configuration.eventBytes, maximumCount: configuration.eventCount,
            rest: configuration.eventRest)
        let version = NIOLockedValueBox(current)
        let retention = Retention(configuration, ledger: try UsageLedger(connection))
        let watermark = DiskWatermark(
            configuration.retention.limits.reserve,
            read: configuration.diskReading ?? { [directory] in directory.space })
        watermark.look()
        let writer = try Writer(
            connection, version: current, resources: resources, cache: cache, retention: retention,
            watermark: watermark, configuration: configuration)
        let floor = HistoryFloor(ObjectRow.version(try DatabaseOpening.meta("floor", connection)))
        let space = try SpaceReturn(connection, directory: directory)
        let maintenance = Maintenance(
            upkeep: try Upkeep(connection, directory: directory, configuration: configuration, floor: floor),
            sweep: RetentionSweep(
                writer, resources: resources, counted: try DatabaseOpening.meta("counted", connection)),
            space: space, watermark: watermark, logger: logger)
        let retired = NIOLockedValueBox<[RetirementReason: Int]>([:])
        // Of creates that were never committed, and of deletions that were.
        let left = try files.names()
        if !left.isEmpty, let known = try readers.first?.payloads.fileNames() {
            files.remove(left.filter { !known.contains($0) })
        }
        self.files = files
        fileBytes = configuration.payloadFileBytes
        self.readers = ReaderPool(readers)
        self.cache = cache
        self.hub = hub
        self.floor = floor
        self.version = version
        self.retention = retention
        self.watermark = watermark
        self.space = space
        self.retired = retired
        commits = CommitQueue(
            writer: writer, maintenance: maintenance, condition: condition, configuration: configuration,
            logger: logger
        ) { commit in
            version.withLockedValue { $0 = ResourceVersion(commit.version) }
            if !commit.retired.isEmpty { retired.withLockedValue { $0.merge(commit.retired, uniquingKeysWith: +) } }
            hub.publish(commit.events)
            files.remove(commit.unneededFiles)
        }
    }

    /// Ends all watches, finishes accepted writes and reads, closes the files. Later calls throw `.closed`.
    public func close() async {
        hub.close()
        let (connection, directory, files) = (self.connection, self.directory, self.files)
        await readers.close()
        await commits.close {
            // Compiled statements keep the file open until they are gone, so the log is not left to the last close.
            // Best effort: whatever stays in the log is read from there at the next start.
            try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            files.finish()
            directory.release()
        }
    }

    /// The version of the last commit. Costs no input or output.
    public var currentVersion: ResourceVersion { version.withLockedValue { $0 } }

    /// Whether the last writes succeeded. A full disk is probed in the background, so this recovers by itself.
    public var health: StoreHealth { condition.health }

    /// Stores a new object; returns after it is on disk.
    public func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject {
        guard let payload = draft.payload, payload.count > fileBytes else { return try await create(draft, nil) }
        if let refusal = watermark.refusal(adding: payload.count) { throw refusal }
        let file = try await files.write(payload)
        var draft = draft
        draft.payload = nil
        do throws(StoreError) {
            return try await create(draft, file)
        } catch {
            // After any other failure it may be on disk all the same that it was created: the next opening knows.
            if error.code.isRefusal { files.remove([file.name]) }
            throw error
        }
    }

    private func create(_ draft: ObjectDraft, _ file: PayloadFile?) async throws(StoreError) -> StoredObject {
        guard let object = try await commits.submit(.create(draft, file)) else {
            throw StoreError(.unavailable, "the writer returned nothing for \(draft.key)")
        }
        return object
    }

    /// The latest state of one object, or nil where there is none.
    public func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        if let object = cache.get(resource, key) { return object }
        let cache = self.cache
        return try await readers.read { reader throws(StoreError) in
            let filling = cache.beginFilling(resource, key)
            var object: StoredObject?
            defer { cache.endFilling(filling, with: object) }
            object = try reader.get(resource, key)
            return object
        }
    }

    /// The latest state of one object if it is at hand in memory; nil means: ask `get`.
    public func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? {
        cache.get(resource, key)
    }

    /// One page of a list, ordered by key.
    public func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage {
        try await readers.read { reader throws(StoreError) in try reader.page(query) }
    }

    /// One page of a service's timeline.
    public func page(_ query: TimelineQuery) async throws(StoreError) -> TimelinePage {
        try await readers.read { reader throws(StoreError) in try reader.page(query) }
    }

    /// Changes one object; the closure runs on the writer and sees the latest state.
    public func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        try await commits.submit(.update(resource, key, change))
    }

    /// Removes one object together with its payload.
    public func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        try await commits.submit(.delete(resource, key, preconditions))
    }

    /// The bytes that were stored with the object, as they came.
    public func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        try await readers.read { reader throws(StoreError) in
            try reader.payloads.whole(resource, key)
        }
    }

    /// The same piece by piece: a large payload from its file, which stays whole until it is read even if its object goes.
    public func openPayload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> (any PayloadReader)? {
        let found = try await readers.read { reader throws(StoreError) in
            try reader.payloads.open(resource, key)
        }
        switch found {
        case .file(let file): return FilePayloadReader(file, readers: readers)
        case .rows(let first): return RowPayloadReader(resource, key, first: first, readers: readers)
        case nil: return nil
        }
    }

    /// Every event of a resource with a version above the given one, strictly by version, none missing.
    ///
    /// What memory doesn't reach back to, be it forgotten or of a process before, is read from the file.
    public func watch(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> EventSubscription {
        let feed = EventFeed(resource, scope, after: version, hub: hub, readers: readers)
        if try !feed.join() { try floor.check(version) }
        return EventSubscription(
            next: { () async throws(StoreError) -> EventBatch? in try await feed.next() },
            interrupt: { feed.interrupt() }, cancel: { feed.cancel() })
    }

    /// What otherwise runs by itself every `upkeepInterval`, to its end.
    package func runUpkeep() async {
        await commits.runUpkeep()
    }

    /// How many watches are alive.
    var watchCount: Int { hub.subscriberCount }
}
