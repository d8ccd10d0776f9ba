internal import APIMachinery

/// Events of one resource, read back from the file.
struct EventPage: Sendable {
    /// In the order of their versions.
    var events: [StoreEvent] = []
    /// All events up to this version are told, in this page or before it.
    var through: ResourceVersion
}

/// Reads events back from the file: those that memory has forgotten, or never knew because a process before wrote them.
///
/// No log of events is kept for this. Every state says which write made it, and one that has ended which write ended it; a write
/// is known by its version, which no other has. So what happened above a version is told by the states made above it and those
/// ended above it, in order:
///
/// | the write made a state | it ended one | the event |
/// |---|---|---|
/// | yes | no | added |
/// | yes | yes | modified |
/// | no | yes | deleted |
///
/// Three walks along indexes are merged: present states and former ones by the version that made them, former ones by the version
/// that ended them.
struct EventReplay: Sendable {
    private let present, former, ended: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        let columns = ObjectRow.selection("o")
        func walk(_ table: String, _ column: String) -> String {
            "SELECT \(columns), o.\(column) FROM \(table) o INDEXED BY \(table)_\(column) "
                + "WHERE o.resource = ? AND o.\(column) > ? ORDER BY o.\(column)"
        }
        present = try connection.prepare(walk("objects", "version"))
        former = try connection.prepare(walk("history", "version"))
        ended = try connection.prepare(walk("history", "ended"))
    }

    /// The next events above a version, in the transaction that is open.
    ///
    /// - Parameters:
    ///   - current: the version of the state that the transaction sees.
    ///   - namespace: only events of this one, if any.
    ///   - limit: at most so many events.
    ///   - bytes: a page ends with the event that reaches this many, be it one of another namespace.
    func page(
        _ resource: (name: String, id: Int64), namespace: String?, after: ResourceVersion, current: ResourceVersion,
        limit: Int, bytes: Int
    ) throws(StoreError) -> EventPage {
        defer { for statement in [present, former, ended] { statement.reset() } }
        var present = try Walk(present, resource, after)
        var former = try Walk(former, resource, after)
        var ended = try Walk(ended, resource, after)
        var page = EventPage(through: max(after, current))
        var size = 0
        while true {
            let version = min(present.version, former.version, ended.version)
            guard version < .max else { return page }
            let before = ended.version == version ? try ended.take() : nil
            let made =
                present.version == version
                ? try present.take() : former.version == version ? try former.take() : nil
            guard let event = Self.event(made, before, ObjectRow.version(version)) else { continue }
            if namespace.map({ $0 == event.object.key.namespace }) ?? true { page.events.append(event) }
            size += event.footprint
            if page.events.count == limit || size >= bytes {
                page.through = event.resourceVersion
                return page
            }
        }
    }

    private static func event(
        _ made: StoredObject?, _ before: StoredObject?, _ version: ResourceVersion
    ) -> StoreEvent? {
        switch (made, before) {
        case (let made?, nil): StoreEvent(type: .added, object: made, previous: nil)
        case (let made?, let before?): StoreEvent(type: .modified, object: made, previous: before)
        case (nil, let before?): StoreEvent(type: .deleted, object: before.atVersion(version), previous: before)
        case (nil, nil): nil
        }
    }

    /// One index walked in the order of versions; the next row's version is known before the row is taken.
    private struct Walk {
        private let statement: SQLiteStatement
        private let resource: String
        /// That of the next row; `.max` at the end.
        private(set) var version: Int64 = .max

        init(
            _ statement: SQLiteStatement, _ resource: (name: String, id: Int64), _ after: ResourceVersion
        ) throws(StoreError) {
            self.statement = statement
            self.resource = resource.name
            try statement.bind(.integer(resource.id), .integer(ObjectRow.number(after)))
            try advance()
        }

        /// The next row's state.
        mutating func take() throws(StoreError) -> StoredObject {
            let object = ObjectRow.read(statement, resource: resource)
            try advance()
            return object
        }

        private mutating func advance() throws(StoreError) {
            version = try statement.step() ? statement.integer(Int32(ObjectRow.columns.count)) : .max
        }
    }
}
