internal import APIMachinery

/// Walks the objects of a service from a moment on into the past, along the index of their moments: what is read is what is answered.
struct TimelineWalk: Sendable {
    private let all, ofType: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        all = try connection.prepare(Self.sql(ofType: false))
        ofType = try connection.prepare(Self.sql(ofType: true))
    }

    static func sql(ofType: Bool) -> String {
        """
        SELECT t.seconds, t.nanoseconds, t.name, o.metadata_end, o.json
        FROM timeline t \(ofType ? "INDEXED BY timeline_type" : "NOT INDEXED") CROSS JOIN objects o ON o.id = t.object
        WHERE t.resource = ? AND t.namespace = ? AND t.service = ? \(ofType ? "AND t.type = ?" : "") AND t.seconds >= ?
        AND (t.seconds, t.nanoseconds, t.name) < (?, ?, ?)
        ORDER BY t.seconds DESC, t.nanoseconds DESC, t.name DESC
        """
    }

    func page(_ query: TimelineQuery, _ resource: Int64) throws(StoreError) -> TimelinePage {
        let statement = query.type == nil ? all : ofType
        defer { statement.reset() }
        try statement.bind(Self.values(query, resource))
        let (from, limit) = (query.range.lowerBound, query.limit > 0 ? query.limit : Int.max)
        var page = TimelinePage(items: [], more: false)
        if limit < Int.max { page.items.reserveCapacity(min(limit, 1000)) }
        while try statement.step() {
            let seconds = statement.integer(0)
            guard let nanoseconds = Int32(exactly: statement.integer(1)),
                let moment = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
            else { continue }
            if moment < from { break }
            if page.items.count == limit {
                page.more = true
                break
            }
            let end = max(0, Int(clamping: statement.integer(3)))
            page.items.append(
                TimelineItem(TimelinePlace(moment, statement.text(2)), members: statement.blob(4, end..<Int.max)))
        }
        return page
    }

    /// The upper end doesn't count in the statement: it is behind the range's, or the place of the page before.
    private static func values(_ query: TimelineQuery, _ resource: Int64) -> [SQLiteValue] {
        let end = query.range.upperBound
        var seconds = end.seconds
        var nanoseconds = Int64(end.nanoseconds) + 1
        var name = ""
        if let after = query.after, after.moment <= end {
            (seconds, nanoseconds, name) = (after.moment.seconds, Int64(after.moment.nanoseconds), after.name)
        }
        let type = query.type.map { [SQLiteValue.text($0)] } ?? []
        return [.integer(resource), .text(query.namespace), .text(query.service)] + type
            + [.integer(query.range.lowerBound.seconds), .integer(seconds), .integer(nanoseconds), .text(name)]
    }
}
