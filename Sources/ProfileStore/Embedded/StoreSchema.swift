/// The tables of the store and the steps that lead to them. `PRAGMA user_version` counts the steps that were made.
///
/// - `meta`: `version`, the last resource version given; `floor`, the oldest version whose state can be read exactly;
///   `counted`, see below; `mirror`, see ``MirrorMark``.
/// - `objects`: the current state of each object. `objects_key` finds and orders them; it carries what a scan filters
///   by, so that rows are touched only when they are returned. Its uniqueness is kept by the one writer.
/// - `terms`: for each label and selectable field of an object a 64-bit hash of (resource, key, value). A hash may
///   collide: who finds an object here still compares its labels.
/// - `history`: states that ended less than the configured time ago: alive from `version` until before `ended`.
///   Each state tells which write made it and which ended it, so that the events of watches can be read back from both
///   tables (``EventReplay``); the indexes by version are for that.
/// - `payloads`: the bytes beside an object; in a table of their own, so that lists don't step over them.
/// - `counts`: objects per resource and namespace.
/// - `retained`: of each object of the retained resource what retention has to know (``RetainedRow``). Objects of a
///   release before it are added in the background; `meta` says up to which that is done (`counted`, -1: all).
/// - `usage`: the sums of `retained` by namespace and class.
/// - `timeline`: the objects that tell of a moment, by service and by service and type (``TimelineEntry``). Objects of a
///   release before it are added at the first opening; `meta` says up to which that is done (`timed`, -1: all). Its columns
///   are in the order of its key: of another order the checks of SQLite 3.40 say that there are NULLs.
/// - `payload_files`: payloads that are kept in files beside the database, by the object's id.
enum StoreSchema {
    /// "prof": tells our files from other databases (`PRAGMA application_id`).
    static let applicationID: Int64 = 0x7072_6F66
    /// The first version is above this: small numbers have meanings for clients (`0`: any).
    static let firstVersion: Int64 = 1000

    /// One entry per step, never changed once released.
    static let migrations = [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO meta VALUES ('version', \(firstVersion)), ('floor', \(firstVersion));
        CREATE TABLE resources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE counts (
            resource INTEGER NOT NULL, namespace TEXT NOT NULL, objects INTEGER NOT NULL,
            PRIMARY KEY (resource, namespace)) WITHOUT ROWID;
        CREATE TABLE objects (
            id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
            uid TEXT NOT NULL, version INTEGER NOT NULL, created INTEGER NOT NULL, range INTEGER,
            metadata_start INTEGER NOT NULL, metadata_end INTEGER NOT NULL,
            labels BLOB NOT NULL, fields BLOB NOT NULL, cells BLOB NOT NULL, json BLOB NOT NULL);
        CREATE INDEX objects_key ON objects (resource, namespace, name, range, version);
        CREATE INDEX objects_range ON objects (resource, range, namespace, name) WHERE range IS NOT NULL;
        CREATE TABLE terms (
            term INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, object INTEGER NOT NULL, range INTEGER,
            PRIMARY KEY (term, namespace, name, object)) WITHOUT ROWID;
        CREATE TABLE payloads (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE history (
            id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
            uid TEXT NOT NULL, version INTEGER NOT NULL, created INTEGER NOT NULL,
            metadata_start INTEGER NOT NULL, metadata_end INTEGER NOT NULL,
            labels BLOB NOT NULL, fields BLOB NOT NULL, cells BLOB NOT NULL, json BLOB NOT NULL,
            ended INTEGER NOT NULL, ended_at INTEGER NOT NULL);
        CREATE INDEX history_key ON history (resource, namespace, name, version, ended);
        """,
        """
        CREATE INDEX objects_version ON objects (resource, version);
        CREATE INDEX history_version ON history (resource, version);
        CREATE INDEX history_ended ON history (resource, ended);
        """,
        """
        CREATE TABLE retained (
            object INTEGER PRIMARY KEY, namespace TEXT NOT NULL, class TEXT NOT NULL, stored_at INTEGER NOT NULL,
            bytes INTEGER NOT NULL, held INTEGER NOT NULL, expires_at INTEGER);
        CREATE INDEX retained_order ON retained (object) WHERE held = 0;
        CREATE INDEX retained_namespace ON retained (namespace, object) WHERE held = 0;
        CREATE INDEX retained_due ON retained (expires_at) WHERE expires_at IS NOT NULL;
        CREATE TABLE usage (
            namespace TEXT NOT NULL, class TEXT NOT NULL, objects INTEGER NOT NULL, bytes INTEGER NOT NULL,
            held_bytes INTEGER NOT NULL, PRIMARY KEY (namespace, class)) WITHOUT ROWID;
        CREATE TABLE payload_files (object INTEGER PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL);
        INSERT INTO meta VALUES ('counted', 0);
        """,
        """
        CREATE TABLE timeline (
            resource INTEGER NOT NULL, namespace TEXT NOT NULL, service TEXT NOT NULL, seconds INTEGER NOT NULL,
            nanoseconds INTEGER NOT NULL, name TEXT NOT NULL, object INTEGER NOT NULL, type TEXT NOT NULL,
            PRIMARY KEY (resource, namespace, service, seconds, nanoseconds, name, object)) WITHOUT ROWID;
        CREATE INDEX timeline_type ON timeline (resource, namespace, service, type, seconds, nanoseconds, name);
        INSERT INTO meta VALUES ('timed', 0);
        """,
    ]

    /// Brings the database up to date, in one transaction.
    static func migrate(_ connection: SQLiteConnection, steps: [String] = migrations) throws(StoreError) {
        let done = Int(try connection.integer("PRAGMA user_version") ?? 0)
        guard done <= steps.count else {
            throw StoreError(
                .newerSchema,
                "\(connection.path): its schema version is \(done), this release knows up to \(steps.count); "
                    + "start the release that wrote it, or a newer one")
        }
        guard done < steps.count else { return }
        do throws(StoreError) {
            try connection.execute("BEGIN IMMEDIATE")
            for step in steps[done...] { try connection.execute(step) }
            try connection.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(steps.count)")
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
    }
}
