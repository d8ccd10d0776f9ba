internal import NIOConcurrencyHelpers

/// The small numbers that stand for resource names in the file. Numbers are given once and never change.
final class ResourceIDs: Sendable {
    private let ids: NIOLockedValueBox<[String: Int64]>

    /// Reads those of the database.
    init(_ connection: SQLiteConnection) throws(StoreError) {
        var ids: [String: Int64] = [:]
        let statement = try connection.prepare("SELECT name, id FROM resources")
        while try statement.step() { ids[statement.text(0)] = statement.integer(1) }
        self.ids = NIOLockedValueBox(ids)
    }

    var all: [String: Int64] { ids.withLockedValue { $0 } }

    subscript(name: String) -> Int64? { ids.withLockedValue { $0[name] } }

    /// Takes over those of a commit.
    func publish(_ committed: [String: Int64]) {
        ids.withLockedValue { $0 = committed }
    }
}
