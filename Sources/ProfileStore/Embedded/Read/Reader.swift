internal import APIMachinery

/// One connection that reads. Used by one job at a time.
final class Reader: Sendable {
    private let connection: SQLiteConnection
    private let resources: ResourceIDs
    private let rangeLabel: String
    private let getObject, getByID, getMeta, findResource: SQLiteStatement
    private let replay: EventReplay
    private let timeline: TimelineWalk
    let payloads: PayloadLookup

    init(
        _ connection: SQLiteConnection, resources: ResourceIDs, files: PayloadFiles, rangeLabel: String
    ) throws(StoreError) {
        self.connection = connection
        self.resources = resources
        self.rangeLabel = rangeLabel
        getObject = try connection.prepare(
            """
            SELECT \(ObjectRow.selection("o")) FROM objects o INDEXED BY objects_key
            WHERE o.resource = ? AND o.namespace = ? AND o.name = ?
            """)
        getByID = try connection.prepare("SELECT \(ObjectRow.selection("o")) FROM objects o WHERE o.id = ?")
        getMeta = try connection.prepare("SELECT value FROM meta WHERE key = ?")
        findResource = try connection.prepare("SELECT id FROM resources WHERE name = ?")
        replay = try EventReplay(connection)
        timeline = try TimelineWalk(connection)
        payloads = try PayloadLookup(connection, resources: resources, files: files)
    }

    func close() {
        connection.close()
    }

    func get(_ resource: String, _ key: ObjectKey) throws(StoreError) -> StoredObject? {
        guard let id = resources[resource] else { return nil }
        defer { getObject.reset() }
        try getObject.bind(.integer(id), .text(key.namespace), .text(key.name))
        return try getObject.step() ? ObjectRow.read(getObject, resource: resource) : nil
    }

    // MARK: pages

    /// Reads a page, all of it from one state of the database.
    func page(_ query: ObjectQuery) throws(StoreError) -> ObjectPage {
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        let current = ObjectRow.version(try meta("version"))
        let snapshot = query.snapshot ?? current
        guard snapshot <= current else {
            throw StoreError(.futureVersion, "Too large resource version: \(snapshot), current: \(current)")
        }
        if snapshot < current, snapshot < ObjectRow.version(try meta("floor")) {
            throw StoreError(
                .snapshotExpired, "the state at resource version \(snapshot) is no longer kept, current: \(current)")
        }
        let selection = Selection(query, rangeLabel: rangeLabel)
        guard let resource = try resourceID(query.resource), !selection.isEmpty else {
            return ObjectPage(
                items: [], snapshot: snapshot, more: false, remaining: selection.isUnconditional ? 0 : nil)
        }
        var rows = try candidates(selection, resource, query.after)
        var past = snapshot < current ? try history(selection, resource, query.after, at: snapshot) : nil
        let limit = query.limit > 0 ? query.limit : Int.max
        let (items, more) = try merge(&rows, &past, selection, snapshot, limit)
        let remaining =
            more
            ? try remaining(query, selection, resource, snapshot, isCurrent: snapshot == current, items)
            : selection.isUnconditional ? 0 : nil
        return ObjectPage(items: items, snapshot: snapshot, more: more, remaining: remaining)
    }

    /// Reads a page of a timeline, all of it from one state of the database.
    func page(_ query: TimelineQuery) throws(StoreError) -> TimelinePage {
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        guard let resource = try resourceID(query.resource) else { return TimelinePage(items: [], more: false) }
        return try timeline.page(query, resource)
    }

    /// The next events of a resource, or of one of its namespaces, above a version, all from one state of the database.
    ///
    /// - Throws: `.snapshotExpired` if some of them are no longer kept.
    func events(
        _ resource: String, namespace: String?, after: ResourceVersion, limit: Int, bytes: Int
    ) throws(StoreError) -> EventPage {
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        let current = ObjectRow.version(try meta("version"))
        try HistoryFloor.check(after, floor: ObjectRow.version(try meta("floor")))
        guard let id = try resourceID(resource) else { return EventPage(through: max(after, current)) }
        return try replay.page(
            (resource, id), namespace: namespace, after: after, current: current, limit: limit, bytes: bytes)
    }

    /// Takes the lesser of two ordered streams until the page is full.
    private func merge(
        _ rows: inout RowStream, _ past: inout RowStream?, _ selection: Selection, _ snapshot: ResourceVersion,
        _ limit: Int
    ) throws(StoreError) -> ([StoredObject], Bool) {
        let isUnconditional = selection.isUnconditional
        var items: [StoredObject] = []
        if limit < Int.max { items.reserveCapacity(min(limit, 1000)) }
        var present = try rows.next()
        var ended = try past?.next()
        while true {
            let object: StoredObject
            if let candidate = present, ended.map({ candidate.key < $0.key }) ?? true {
                object = candidate
                present = try rows.next()
                // What was written after the snapshot isn't part of it; its state then, if any, is in the history.
                if object.resourceVersion > snapshot { continue }
            } else if let candidate = ended {
                object = candidate
                ended = try past?.next()
            } else {
                return (items, false)
            }
            guard isUnconditional || selection.matches(object) else { continue }
            if items.count == limit { return (items, true) }
            items.append(object)
        }
    }

    /// The current rows that may match.
    private func candidates(
        _ selection: Selection, _ resource: Int64, _ after: ObjectKey?
    ) throws(StoreError) -> RowStream {
        let plan = try plan(selection, resource, after)
        let statement = try connection.statement(plan.sql)
        try statement.bind(plan.values)
        return RowStream(statement, resource: selection.resource, byID: plan.yieldsIDs ? getByID : nil, selection.parts)
    }

    /// How the current rows are found.
    func plan(_ selection: Selection, _ resource: Int64, _ after: ObjectKey?) throws(StoreError) -> PagePlan {
        try PagePlan(selection, resource: resource, after: after) { fragment throws(StoreError) in
            let sql = "SELECT count(*) FROM (SELECT 1\(fragment.sql) LIMIT \(PagePlan.gatherLimit))"
            let statement = try self.connection.statement(sql)
            defer { statement.reset() }
            try statement.bind(fragment.values)
            return try statement.step() ? statement.integer(0) : 0
        }
    }

    /// The states that have ended since but were alive at a version.
    private func history(
        _ selection: Selection, _ resource: Int64, _ after: ObjectKey?, at version: ResourceVersion
    ) throws(StoreError) -> RowStream {
        var fragment = Self.aliveThen(resource, at: version)
        fragment.addBounds("o", selection.withoutRange, after)
        let sql = "SELECT \(ObjectRow.selection("o"))\(fragment.sql) ORDER BY o.namespace, o.name"
        let statement = try connection.statement(sql)
        try statement.bind(fragment.values)
        return RowStream(statement, resource: selection.resource, byID: nil, selection.parts)
    }

    private static func aliveThen(_ resource: Int64, at version: ResourceVersion) -> Fragment {
        let number = SQLiteValue.integer(ObjectRow.number(version))
        var fragment = Fragment(
            " FROM history o INDEXED BY history_key WHERE o.resource = ? AND o.version <= ? AND o.ended > ?")
        fragment.values = [.integer(resource), number, number]
        return fragment
    }

    // MARK: counting

    /// How many objects follow the page; nil with selectors.
    private func remaining(
        _ query: ObjectQuery, _ selection: Selection, _ resource: Int64, _ snapshot: ResourceVersion, isCurrent: Bool,
        _ items: [StoredObject]
    ) throws(StoreError) -> Int? {
        guard selection.isUnconditional else { return nil }
        if query.after != nil, let before = query.remainingBefore { return max(0, before - items.count) }
        if query.after == nil, isCurrent {
            return Int(clamping: try total(resource, query.namespace)) - items.count
        }
        let last = items.last?.key ?? query.after
        var present = Fragment(" FROM objects o INDEXED BY objects_key WHERE o.resource = ? AND o.version <= ?")
        present.values = [.integer(resource), .integer(ObjectRow.number(snapshot))]
        present.addBounds("o", selection, last)
        var ended = Self.aliveThen(resource, at: snapshot)
        ended.addBounds("o", selection, last)
        return Int(clamping: try count(present) + (isCurrent ? 0 : count(ended)))
    }

    private func total(_ resource: Int64, _ namespace: String?) throws(StoreError) -> Int64 {
        var fragment = Fragment("SELECT sum(objects) FROM counts WHERE resource = ?")
        fragment.values = [.integer(resource)]
        if let namespace {
            fragment.sql += " AND namespace = ?"
            fragment.values.append(.text(namespace))
        }
        return try integer(fragment)
    }

    private func count(_ fragment: Fragment) throws(StoreError) -> Int64 {
        var counting = fragment
        counting.sql = "SELECT count(*)" + fragment.sql
        return try integer(counting)
    }

    private func integer(_ fragment: Fragment) throws(StoreError) -> Int64 {
        let statement = try connection.statement(fragment.sql)
        defer { statement.reset() }
        try statement.bind(fragment.values)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// The number of a resource in the state that is read: a commit is visible before its new names are published.
    private func resourceID(_ name: String) throws(StoreError) -> Int64? {
        if let id = resources[name] { return id }
        defer { findResource.reset() }
        try findResource.bind(.text(name))
        return try findResource.step() ? findResource.integer(0) : nil
    }

    private func meta(_ key: String) throws(StoreError) -> Int64 {
        defer { getMeta.reset() }
        try getMeta.bind(.text(key))
        guard try getMeta.step() else { throw StoreError(.corrupt, "\(connection.path): meta has no '\(key)'") }
        return getMeta.integer(0)
    }
}
