internal import APIMachinery

/// The objects that a bound statement yields, read one by one; ends the statement when it goes.
struct RowStream: ~Copyable {
    private let statement: SQLiteStatement
    private let resource: String
    /// Reads an object by the row id that `statement` yields; nil where it yields the objects themselves.
    private let byID: SQLiteStatement?
    private let parts: ObjectRow.Parts

    init(_ statement: SQLiteStatement, resource: String, byID: SQLiteStatement?, _ parts: ObjectRow.Parts) {
        self.parts = parts
        self.statement = statement
        self.resource = resource
        self.byID = byID
    }

    deinit {
        statement.reset()
    }

    mutating func next() throws(StoreError) -> StoredObject? {
        guard let byID else {
            return try statement.step() ? ObjectRow.read(statement, resource: resource, parts) : nil
        }
        while try statement.step() {
            defer { byID.reset() }
            try byID.bind(.integer(statement.integer(0)))
            if try byID.step() { return ObjectRow.read(byID, resource: resource, parts) }
        }
        return nil
    }
}
