internal import APIMachinery

/// How the candidates of a page are found: which index leads, and which conditions it checks on the way.
///
/// Every way yields candidates by (namespace, name) and at least all objects that match.
struct PagePlan: Sendable, Equatable {
    /// Which index leads.
    enum Lead: Sendable, Equatable {
        /// Walk all objects of the resource by key.
        case keys
        /// Walk the objects that have the term at this place of the selection, by key.
        case term(Int)
        /// Gather the objects that have one of the terms at this place, then order them.
        case gatherTerms(Int)
        /// Gather the objects whose range label lies within bounds, then order them.
        case gatherRange
    }

    var lead: Lead
    var sql: String
    var values: [SQLiteValue]
    /// Whether the statement yields only row ids, already ordered, because rows are too wide to be sorted.
    var yieldsIDs: Bool

    static func == (left: PagePlan, right: PagePlan) -> Bool { left.lead == right.lead && left.sql == right.sql }

    /// Up to so many candidates are gathered and sorted; above that, walking in key order ends early.
    static let gatherLimit: Int64 = 3000

    /// Makes the plan, counting how many candidates each index would yield, up to `gatherLimit`.
    init(
        _ selection: Selection, resource: Int64, after: ObjectKey?,
        counting count: (Fragment) throws(StoreError) -> Int64
    ) throws(StoreError) {
        var best: (lead: Lead, count: Int64) = (.keys, Self.gatherLimit)
        for (index, alternatives) in selection.terms.enumerated() {
            let found = try count(Self.gather(alternatives, selection, after))
            let lead = alternatives.count == 1 ? Lead.term(index) : .gatherTerms(index)
            let isBetter = found < best.count || (best.lead == .keys && lead == .term(index))
            if isBetter { best = (lead, found) }
        }
        if selection.range != nil {
            let found = try count(Self.gatherRange(selection, resource, after))
            if found < best.count { best = (.gatherRange, found) }
        }
        self.init(best.lead, selection, resource, after)
    }

    private init(_ lead: Lead, _ selection: Selection, _ resource: Int64, _ after: ObjectKey?) {
        self.lead = lead
        let columns = ObjectRow.selection("o")
        switch lead {
        case .keys:
            var fragment = Fragment("SELECT \(columns) FROM objects o INDEXED BY objects_key WHERE o.resource = ?")
            fragment.values.append(.integer(resource))
            fragment.addBounds("o", selection, after)
            fragment.addTerms("o", selection.terms)
            fragment.sql += " ORDER BY o.namespace, o.name"
            (sql, values, yieldsIDs) = (fragment.sql, fragment.values, false)
        case .term(let index):
            let term = selection.terms[index][0]
            var fragment = Fragment(
                "SELECT \(columns) FROM terms t CROSS JOIN objects o ON o.id = t.object WHERE t.term = ?")
            fragment.values.append(.integer(term.hash))
            fragment.addBounds("t", selection, after)
            fragment.addTerms("t", selection.terms, except: index)
            fragment.sql += " ORDER BY t.namespace, t.name"
            (sql, values, yieldsIDs) = (fragment.sql, fragment.values, false)
        case .gatherTerms(let index):
            var fragment = Self.gather(selection.terms[index], selection, after)
            fragment.addTerms("t", selection.terms, except: index)
            let sql = "SELECT DISTINCT t.object, t.namespace, t.name" + fragment.sql + " ORDER BY t.namespace, t.name"
            (self.sql, values, yieldsIDs) = (sql, fragment.values, true)
        case .gatherRange:
            var fragment = Self.gatherRange(selection, resource, after)
            fragment.addTerms("o", selection.terms)
            let sql = "SELECT o.id, o.namespace, o.name" + fragment.sql + " ORDER BY o.namespace, o.name"
            (self.sql, values, yieldsIDs) = (sql, fragment.values, true)
        }
    }

    /// `FROM terms t …` for any of the terms, within the selection's other bounds.
    private static func gather(_ terms: [Term], _ selection: Selection, _ after: ObjectKey?) -> Fragment {
        let marks = terms.map { _ in "?" }.joined(separator: ", ")
        var fragment = Fragment(" FROM terms t WHERE t.term IN (\(marks))")
        fragment.values = terms.map { .integer($0.hash) }
        fragment.addBounds("t", selection, after)
        return fragment
    }

    /// `FROM objects o …` for the range, within the selection's other bounds.
    private static func gatherRange(_ selection: Selection, _ resource: Int64, _ after: ObjectKey?) -> Fragment {
        var fragment = Fragment(" FROM objects o INDEXED BY objects_range WHERE o.resource = ? AND o.range IS NOT NULL")
        fragment.values = [.integer(resource)]
        fragment.addBounds("o", selection, after)
        return fragment
    }
}

/// A piece of SQL with the values of its parameters, in order.
struct Fragment: Sendable {
    var sql: String
    var values: [SQLiteValue] = []

    init(_ sql: String) {
        self.sql = sql
    }

    /// Adds the namespace, the name, the page's start and the range, on the columns of a table that carries them.
    mutating func addBounds(_ table: String, _ selection: Selection, _ after: ObjectKey?) {
        if let namespace = selection.namespace { add(" AND \(table).namespace = ?", .text(namespace)) }
        if let name = selection.name { add(" AND \(table).name = ?", .text(name)) }
        if let after {
            if selection.namespace == after.namespace {
                add(" AND \(table).name > ?", .text(after.name))
            } else {
                add(" AND (\(table).namespace, \(table).name) > (?, ?)", .text(after.namespace), .text(after.name))
            }
        }
        if let range = selection.range {
            add(" AND \(table).range BETWEEN ? AND ?", .integer(range.low), .integer(range.high))
        }
    }

    /// Adds that the row's object has one term of each of the alternatives.
    mutating func addTerms(_ table: String, _ terms: [[Term]], except: Int? = nil) {
        for (index, alternatives) in terms.enumerated() where index != except {
            let marks = alternatives.map { _ in "?" }.joined(separator: ", ")
            sql += """
                 AND EXISTS (SELECT 1 FROM terms x WHERE x.term IN (\(marks)) AND x.namespace = \(table).namespace
                 AND x.name = \(table).name)
                """
            values += alternatives.map { .integer($0.hash) }
        }
    }

    private mutating func add(_ condition: String, _ values: SQLiteValue...) {
        sql += condition
        self.values += values
    }
}
