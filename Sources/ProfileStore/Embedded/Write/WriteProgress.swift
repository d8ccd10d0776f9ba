/// What a transaction has done so far.
struct WriteProgress: Sendable {
    struct CountKey: Hashable {
        let resource: Int64
        let namespace: String
    }

    /// A group that is on disk: what to answer to each write, and what to tell the watches.
    struct Commit: Sendable {
        var results: [WriteResult] = []
        var events: [StoreEvent] = []
        /// The last version given.
        var version: UInt64
        /// What retention removed.
        var retired: [RetirementReason: Int] = [:]
        /// Files that nothing needs any more.
        var unneededFiles: [String] = []
    }

    var commit: Commit
    var resources: [String: Int64]
    var counts: [CountKey: Int64] = [:]
    var usage = UsageChanges()
    /// Whether there is something to commit of which no event tells.
    var hasNotes = false

    /// How many objects it has created.
    var created = 0
}
