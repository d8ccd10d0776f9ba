import APIMachinery
import Glibc
import Logging
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import ProfileStore

/// An embedded store whose clock, policy and disk a test sets, with upkeep when the test says so.
struct RetainingStore {
    /// What the stamp writes: the end in a fixed width, where a Table's cells are.
    static func stamp(_ end: Int64?) -> [UInt8] {
        let text = end.map(String.init) ?? "never"
        return Array((String(repeating: " ", count: max(0, 12 - text.utf8.count)) + text).utf8)
    }

    static let start: Int64 = 1_700_000_000

    let directory: TemporaryDirectory
    let clock = ManualClock()
    let policy = NIOLockedValueBox<RetentionPolicy?>(RetentionPolicy())
    let disk = NIOLockedValueBox(DiskWatermark.Reading(free: 1 << 40, size: 1 << 41))
    private(set) var configuration: EmbeddedStoreConfiguration
    private(set) var store: EmbeddedStore

    init(_ limits: StoreLimits = StoreLimits(), _ change: (inout EmbeddedStoreConfiguration) -> Void = { _ in }) throws
    {
        directory = try TemporaryDirectory("store")
        let (clock, policy, disk) = (clock, policy, disk)
        var configuration = EmbeddedStoreConfiguration.still(directory.path) {
            Self.start + clock.now.offset.components.seconds
        }
        configuration.retention.limits = limits
        configuration.retention.policy = { policy.withLockedValue { $0 } }
        configuration.retention.stamp = { object, end in
            EncodedObject(
                json: object.json, metadata: object.metadata, cells: Self.stamp(end), createdAt: object.createdAt,
                resourceVersion: object.resourceVersion)
        }
        configuration.diskReading = { disk.withLockedValue { $0 } }
        change(&configuration)
        self.configuration = configuration
        store = try EmbeddedStore(configuration: configuration, logger: .silent)
    }

    var now: Int64 { configuration.clock() }

    func keep(_ lifetime: RetentionPolicy.Lifetime, rules: [RetentionPolicy.Rule] = []) {
        policy.withLockedValue { $0 = RetentionPolicy(lifetime, rules: rules) }
    }

    func advance(_ seconds: Int64) { clock.advance(by: .seconds(seconds)) }

    func settle() async { await store.runUpkeep() }

    /// Ends the store and opens what it left; between the two the file can be changed.
    mutating func reopen(_ between: (SQLiteConnection) throws -> Void = { _ in }) async throws {
        await store.close()
        let connection = try SQLiteConnection(path: directory.path("profefe.db"), writable: true)
        try between(connection)
        connection.close()
        store = try EmbeddedStore(configuration: configuration, logger: .silent)
    }

    @discardableResult
    func create(
        _ namespace: String, _ name: String, type: String = "cpu", bytes: Int = 100, isPinned: Bool = false
    ) async throws(StoreError) -> StoredObject {
        try await store.create(Self.sample(namespace, name, type: type, bytes: bytes, isPinned: isPinned).draft)
    }

    static func sample(
        _ namespace: String, _ name: String, type: String = "cpu", bytes: Int = 100, isPinned: Bool = false
    ) -> SampleObject {
        SampleObject(namespace, name).with {
            $0.fields = ["spec.service": "front", "spec.type": type]
            $0.moment = "2026-11-22T08:00:05Z"
            $0.labels = isPinned ? ["profefe.io/pinned": "true"] : [:]
            $0.payload = [UInt8](repeating: 7, count: bytes)
        }
    }

    func pin(_ key: ObjectKey, _ isPinned: Bool) async throws {
        _ = try await store.update("profiles", key) { stored throws(StoreError) in
            var sample = Self.sample(
                key.namespace, key.name, type: stored.fields["spec.type"] ?? "", isPinned: isPinned)
            sample.payload = nil
            return .replace(sample.draft)
        }
    }

    /// What is there, as `namespace/name`, in the order of keys.
    func names() async throws -> [String] {
        try await store.page(ObjectQuery(resource: "profiles")).items.map { "\($0.key.namespace)/\($0.key.name)" }
    }

    /// What an object says of its end.
    func end(_ namespace: String, _ name: String) async throws -> String? {
        let stored = try await store.get("profiles", ObjectKey(namespace: namespace, name: name))
        return stored.map { String(decoding: $0.object.cells, as: UTF8.self) }
    }

    static func text(_ end: Int64?) -> String { String(decoding: stamp(end), as: UTF8.self) }
}

/// Compares what a store's tables say of the same things: a transaction that was torn shows here.
struct StoreAudit {
    let connection: SQLiteConnection

    init(_ directory: String) throws {
        connection = try SQLiteConnection(path: directory + "/profefe.db", writable: true)
    }

    /// Every contradiction; empty if there is none.
    func faults(isStamped: Bool = true) throws -> [String] {
        var faults: [String] = []
        func count(_ what: String, _ sql: String) throws {
            let number = try connection.integer(sql) ?? -1
            if number != 0 { faults.append("\(number) \(what)") }
        }
        let profiles = "resource = (SELECT id FROM resources WHERE name = 'profiles')"
        try count(
            "objects that are not counted",
            "SELECT count(*) FROM objects WHERE \(profiles) AND id NOT IN (SELECT object FROM retained)")
        try count(
            "counted that aren't objects",
            "SELECT count(*) FROM retained WHERE object NOT IN (SELECT id FROM objects WHERE \(profiles))")
        try count(
            "sums that aren't those of their parts",
            """
            SELECT count(*) FROM (
            SELECT namespace, class, objects, bytes, held_bytes FROM usage WHERE objects <> 0 OR bytes <> 0 OR held_bytes <> 0
            EXCEPT SELECT namespace, class, count(*), sum(bytes), sum(CASE held WHEN 0 THEN 0 ELSE bytes END)
            FROM retained GROUP BY namespace, class)
            """)
        try count(
            "parts that have no sum",
            """
            SELECT count(*) FROM (SELECT namespace, class, count(*) FROM retained GROUP BY namespace, class
            EXCEPT SELECT namespace, class, objects FROM usage)
            """)
        try count(
            "payloads of nothing",
            "SELECT count(*) FROM payloads WHERE id / \(PayloadParts.limit) NOT IN (SELECT id FROM objects)")
        try count("files of nothing", "SELECT count(*) FROM payload_files WHERE object NOT IN (SELECT id FROM objects)")
        try count("terms of nothing", "SELECT count(*) FROM terms WHERE object NOT IN (SELECT id FROM objects)")
        try count(
            "places in time of nothing", "SELECT count(*) FROM timeline WHERE object NOT IN (SELECT id FROM objects)")
        try count(
            "profiles that have no place in time",
            "SELECT count(*) FROM objects WHERE \(profiles) AND id NOT IN (SELECT object FROM timeline)")
        try count(
            "wrong bytes",
            """
            SELECT count(*) FROM retained r JOIN objects o ON o.id = r.object WHERE r.bytes <> 1024 + length(o.json)
            + length(o.cells) + length(o.labels) + length(o.fields)
            + coalesce((SELECT sum(length(bytes)) FROM payloads WHERE id / \(PayloadParts.limit) = o.id), 0)
            + coalesce((SELECT bytes FROM payload_files WHERE object = o.id), 0)
            """)
        if isStamped {
            try count(
                "objects that say another end than is noted",
                """
                SELECT count(*) FROM retained r JOIN objects o ON o.id = r.object WHERE r.held <> 2 AND
                trim(CAST(o.cells AS TEXT)) <> coalesce(CAST(r.expires_at AS TEXT), 'never')
                """)
        }
        return faults
    }
}
