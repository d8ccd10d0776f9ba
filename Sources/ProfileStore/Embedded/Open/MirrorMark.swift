/// What a file says of what it is a copy of: the number of the source in the table `meta`.
///
/// | the file | asked for | what happens |
/// |---|---|---|
/// | empty | a copy | it is marked, and its versions begin with the time |
/// | a copy of the same | a copy | nothing |
/// | a copy of another source | a copy | the copies are dropped, all history too; versions go on from the time |
/// | a copy | no copy | refused |
/// | no copy | a copy | refused: what nobody else has must not be taken for copies |
enum MirrorMark {
    private static let key = "mirror"
    /// Versions of a second: more commits than a store can make.
    private static let versionsPerSecond: Int64 = 1_000_000

    static func settle(
        _ connection: SQLiteConnection, _ configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) {
        let mark = try connection.integer("SELECT value FROM meta WHERE key = '\(key)'")
        switch (mark, configuration.mirror) {
        case (nil, nil): return
        case (let mark?, let source?) where mark == source.identity: return
        case (.some, nil):
            throw StoreError(
                .configuration,
                "\(connection.path): holds a mirror of something else, which can't be a store of its own; give another directory"
            )
        case (nil, let source?) where try connection.integer("SELECT 1 FROM objects LIMIT 1") != nil:
            throw StoreError(
                .configuration,
                "\(connection.path): holds objects of its own, which a mirror of \(source.name) would drop; give another directory"
            )
        case (_, let source?): try begin(source, connection, configuration)
        }
    }

    private static func begin(
        _ source: MirroredSource, _ connection: SQLiteConnection, _ configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) {
        let time = configuration.clock().multipliedReportingOverflow(by: versionsPerSecond)
        let current = try DatabaseOpening.meta("version", connection)
        let version = time.overflow ? current : max(current, time.partialValue)
        let copies = "SELECT id FROM resources WHERE name = '\(source.resource)'"
        let objects = "SELECT id FROM objects WHERE resource IN (\(copies))"
        do throws(StoreError) {
            try connection.execute(
                """
                BEGIN IMMEDIATE;
                DELETE FROM payloads WHERE id / \(PayloadParts.limit) IN (\(objects));
                DELETE FROM terms WHERE object IN (\(objects));
                DELETE FROM timeline WHERE resource IN (\(copies));
                DELETE FROM counts WHERE resource IN (\(copies));
                DELETE FROM objects WHERE resource IN (\(copies));
                DELETE FROM history;
                DELETE FROM retained;
                DELETE FROM usage;
                UPDATE meta SET value = \(version) WHERE key IN ('version', 'floor');
                INSERT OR REPLACE INTO meta VALUES ('\(key)', \(source.identity));
                COMMIT
                """)
        } catch {
            connection.rollback()
            throw error
        }
    }
}
