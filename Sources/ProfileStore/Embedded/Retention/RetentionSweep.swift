internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Removes what is due, and keeps true what objects say of their end: in steps of some milliseconds, between the commits of others.
///
/// A step does the first of these that there is to do:
/// 1. count objects that a release before retention has left;
/// 2. remove objects whose time has come, by the index of what they say, each judged anew by the policy in force;
/// 3. remove the oldest where a limit is exceeded: after a limit was lowered, or an object pinned;
/// 4. after a start or another policy: look at all objects once more, in their order. What is due goes; what says another time than
///    the policy gives is stamped anew, some hundred at each tick, for each of them is an event and a state in the history.
final class RetentionSweep: Sendable {
    /// Objects removed in a step: each some 100 µs, and all of them share a sync.
    private static let removals = 32
    private static let counted = 100
    private static let looks = 1000
    /// Objects stamped anew at a tick.
    private static let stamps = 200

    private struct State {
        /// Up to which object all are counted; nil: all are.
        var counted: Int64?
        /// Up to which object the look at all has come; nil: there is none.
        var looked: Int64? = 0
        /// What may still be stamped until the next tick.
        var stampsLeft = 0
    }

    private let writer: Writer
    private let retention: Retention
    private let resources: ResourceIDs
    private let state: NIOLockedValueBox<State>

    init(_ writer: Writer, resources: ResourceIDs, counted: Int64) {
        self.writer = writer
        self.resources = resources
        retention = writer.retention
        state = NIOLockedValueBox(State(counted: counted < 0 ? nil : counted))
    }

    /// A tick of the clock: a changed policy is taken over, and stamps may be made again.
    func tick() {
        let isChanged = retention.refreshPolicy()
        state.withLockedValue { state in
            state.stampsLeft = Self.stamps
            if isChanged { state.looked = 0 }
        }
    }

    /// Makes one step.
    ///
    /// - Parameter isFrugal: the disk is short of room: only remove.
    /// - Returns: what was committed, and whether there is more to do at once.
    func step(isFrugal: Bool) throws(StoreError) -> (commit: Writer.Commit?, hasMore: Bool) {
        if !isFrugal, let from = state.withLockedValue({ $0.counted }) { return (try count(after: from), true) }
        let due = try remove()
        if due.hasMore || due.commit != nil { return (due.commit, true) }
        let limits = try keepLimits()
        if limits.hasMore || limits.commit != nil { return limits }
        return isFrugal ? (nil, false) : try look()
    }

    /// Counts some objects that are not counted yet.
    private func count(after object: Int64) throws(StoreError) -> Writer.Commit? {
        let name = retention.configuration.resource
        let resource = (name: name, id: resources[name] ?? -1)
        var reached: Int64?
        let commit = try writer.transaction { progress throws(StoreError) in
            let objects = try self.writer.retained.objects(after: object, limit: Self.counted, resource)
            for found in objects where found.isToBeCounted {
                var row = self.retention.row(
                    of: found.state, id: found.id, payloadBytes: found.payloadBytes, storedAt: self.storedAt(found))
                // What the object says: nothing.
                row.expiresAt = nil
                try self.writer.retain(row, as: found.id, &progress)
            }
            reached = objects.last?.id
            try self.writer.retained.setCounted(reached ?? -1)
            progress.hasNotes = true
        }
        state.withLockedValue { state in
            state.counted = reached
            if reached == nil { state.looked = 0 }
        }
        return commit
    }

    /// When the store took an object in that nothing is noted of: ids of profiles tell.
    private func storedAt(_ found: RetainedTable.Uncounted) -> Int64 {
        min(ProfileID.time(of: found.state.key.name) ?? retention.now, retention.now)
    }

    private func remove() throws(StoreError) -> (commit: Writer.Commit?, hasMore: Bool) {
        guard retention.isPolicyKnown else { return (nil, false) }
        var found = 0
        let commit = try writer.transaction { progress throws(StoreError) in
            let now = self.retention.now
            for row in try self.writer.retained.due(at: now, limit: Self.removals) {
                found += 1
                if let end = self.retention.expiry(of: row), end <= now {
                    try self.writer.retire(row.object, .age, &progress)
                } else {
                    try self.writer.restamp(row, &progress)
                }
            }
        }
        return (found > 0 ? commit : nil, found == Self.removals)
    }

    private func keepLimits() throws(StoreError) -> (commit: Writer.Commit?, hasMore: Bool) {
        let namespaces = retention.limits.namespaceBytes.map { retention.ledger.namespaces(above: $0) } ?? []
        guard !namespaces.isEmpty || retention.isOverLimit(UsageChanges()) else { return (nil, false) }
        var hasMore = false
        let commit = try writer.transaction { progress throws(StoreError) in
            hasMore = try self.writer.keepLimits(&progress, namespaces: namespaces, budget: Self.removals)
        }
        // Nothing that could go: what is held stays.
        return commit.events.isEmpty && !hasMore ? (nil, false) : (commit, hasMore)
    }

    private func look() throws(StoreError) -> (commit: Writer.Commit?, hasMore: Bool) {
        guard retention.isPolicyKnown else { return (nil, false) }
        let (from, stamps) = state.withLockedValue { ($0.looked, $0.stampsLeft) }
        guard let from, stamps > 0 else { return (nil, false) }
        var stamped = 0
        var removed = 0
        var reached: Int64?
        let commit = try writer.transaction { progress throws(StoreError) in
            let now = self.retention.now
            for row in try self.writer.retained.rows(after: from, limit: Self.looks) {
                let end = self.retention.expiry(of: row)
                if let end, end <= now {
                    try self.writer.retire(row.object, .age, &progress)
                    removed += 1
                } else if end != row.expiresAt {
                    try self.writer.restamp(row, &progress)
                    stamped += 1
                }
                reached = row.object
                if removed == Self.removals || stamped == min(stamps, Self.removals) { break }
            }
        }
        state.withLockedValue { state in
            state.looked = reached
            state.stampsLeft -= stamped
        }
        return (commit, reached != nil && stamped < stamps)
    }
}
