internal import APIMachinery

/// Forgets old states, in small steps, and tries whether a failed disk works again.
final class Upkeep: Sendable {
    /// At most so many states are forgotten per step: about 2 ms.
    private static let stepRows = 250
    /// A full disk counts as usable again when it has at least this much. Bytes.
    private static let usableBytes: UInt64 = 4 << 20

    private let connection: SQLiteConnection
    private let directory: StoreDirectory
    private let configuration: EmbeddedStoreConfiguration
    private let floor: HistoryFloor
    private let bounds, last, trim, setFloor, touch: SQLiteStatement

    init(
        _ connection: SQLiteConnection, directory: StoreDirectory, configuration: EmbeddedStoreConfiguration,
        floor: HistoryFloor
    ) throws(StoreError) {
        self.connection = connection
        self.directory = directory
        self.floor = floor
        self.configuration = configuration
        bounds = try connection.prepare("SELECT (SELECT min(id) FROM history), (SELECT max(id) FROM history)")
        last = try connection.prepare(
            """
            SELECT max(id), max(ended) FROM
            (SELECT id, ended FROM history WHERE id < ?1 + ?2 AND (ended_at < ?3 OR id < ?4) ORDER BY id LIMIT ?2)
            """)
        trim = try connection.prepare("DELETE FROM history WHERE id <= ?")
        setFloor = try connection.prepare("UPDATE meta SET value = max(value, ?) WHERE key = 'floor'")
        touch = try connection.prepare("UPDATE meta SET value = value WHERE key = 'version'")
    }

    /// Forgets some states that are too old or too many; returns whether there are more.
    ///
    /// States are forgotten in the order in which they ended, so what is kept is exact from the newest forgotten end on.
    func step() throws(StoreError) -> Bool {
        defer { bounds.reset() }
        try bounds.bind()
        guard try bounds.step(), !bounds.isNull(0) else { return false }
        let (oldest, newest) = (bounds.integer(0), bounds.integer(1))
        bounds.reset()
        let firstKept = newest - Int64(clamping: configuration.historyRows) + 1
        defer { last.reset() }
        try last.bind(
            .integer(oldest), .integer(Int64(Self.stepRows)),
            .integer(configuration.clock() - configuration.historySeconds), .integer(firstKept))
        guard try last.step(), !last.isNull(0) else { return false }
        let (lastID, ended) = (last.integer(0), last.integer(1))
        last.reset()
        try transaction { () throws(StoreError) in
            try trim.run(.integer(lastID))
            try setFloor.run(.integer(ended))
        }
        floor.rise(to: ObjectRow.version(ended))
        return lastID >= oldest + Int64(Self.stepRows) - 1
    }

    /// Whether a small write gets to the disk and there is room for larger ones.
    func canWrite() throws(StoreError) -> Bool {
        if let free = directory.space?.free, free < Self.usableBytes { return false }
        try transaction { () throws(StoreError) in try touch.run() }
        return true
    }

    private func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        do throws(StoreError) {
            try connection.execute("BEGIN IMMEDIATE")
            try body()
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
    }
}
