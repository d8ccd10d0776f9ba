internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Turns a group of writes into one transaction. Called on the commit queue only.
///
/// Each write is decided before it changes anything, so a refused one leaves its neighbours alone; a failure of the
/// database undoes the whole group.
final class Writer: Sendable {
    typealias Commit = WriteProgress.Commit

    let statements: WriteStatements
    let retained: RetainedTable
    private let timeline: TimelineTable
    let retention: Retention
    let configuration: EmbeddedStoreConfiguration
    private let connection: SQLiteConnection
    private let resources: ResourceIDs
    private let cache: ObjectCache
    private let watermark: DiskWatermark
    private let version: NIOLockedValueBox<UInt64>

    init(
        _ connection: SQLiteConnection, version: ResourceVersion, resources: ResourceIDs, cache: ObjectCache,
        retention: Retention, watermark: DiskWatermark, configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) {
        self.connection = connection
        self.statements = try WriteStatements(connection)
        retained = try RetainedTable(connection)
        timeline = try TimelineTable(connection)
        self.version = NIOLockedValueBox(version.rawValue)
        self.resources = resources
        self.cache = cache
        self.retention = retention
        self.watermark = watermark
        self.configuration = configuration
    }

    /// The last version given.
    var lastVersion: UInt64 { version.withLockedValue { $0 } }

    /// Applies the writes in order and returns when they are on disk.
    ///
    /// - Throws: when the database failed; nothing has changed then.
    func commit(_ operations: [WriteOperation]) throws(StoreError) -> Commit {
        if operations.contains(where: \.isCreate) { watermark.look() }
        return try transaction { progress throws(StoreError) in
            for operation in operations { progress.commit.results.append(try self.apply(operation, &progress)) }
            // What came in puts out as much, in the same commit: a limit is kept however fast it comes.
            try self.keepLimits(&progress, budget: progress.created * 2)
        }
    }

    /// Makes the changes of `body` and returns when they are on disk; what changes nothing costs nothing.
    func transaction(
        _ body: (inout WriteProgress) throws(StoreError) -> Void
    ) throws(StoreError) -> Commit {
        let known = resources.all
        var progress = WriteProgress(commit: Commit(version: lastVersion), resources: known)
        do throws(StoreError) {
            try statements.begin.run()
            try body(&progress)
            if progress.commit.events.isEmpty, !progress.hasNotes {
                connection.rollback()
            } else {
                try finish(progress)
            }
        } catch {
            connection.rollback()
            throw error
        }
        if progress.resources.count > known.count { resources.publish(progress.resources) }
        version.withLockedValue { $0 = progress.commit.version }
        retention.ledger.publish(progress.usage)
        return progress.commit
    }

    private func finish(_ progress: WriteProgress) throws(StoreError) {
        for (key, change) in progress.counts where change != 0 {
            try statements.addCount.run(.integer(key.resource), .text(key.namespace), .integer(change))
        }
        for (key, change) in progress.usage.changes where !change.isZero {
            try retained.add(change, namespace: key.namespace, class: key.class)
        }
        try statements.setMeta.run(.integer(Int64(clamping: progress.commit.version)), .text("version"))
        let keys = progress.commit.events.map { ObjectCache.Key(resource: $0.object.resource, object: $0.object.key) }
        cache.close(keys)
        defer { cache.open(keys) }
        try statements.commit.run()
    }

    // MARK: one write

    private func apply(
        _ operation: WriteOperation, _ progress: inout WriteProgress
    ) throws(StoreError) -> WriteResult {
        switch operation {
        case .create(let draft, let file):
            return try create(draft, file, &progress)
        case .update(let resource, let key, let change):
            guard let found = try find(resource, key, progress) else { return .success(nil) }
            return try update(found, change, &progress)
        case .delete(let resource, let key, let preconditions):
            guard let found = try find(resource, key, progress) else { return .success(nil) }
            if let violation = preconditions.violation(by: found.object) { return .failure(violation) }
            return .success(try delete(found, &progress))
        }
    }

    private func create(
        _ draft: ObjectDraft, _ file: PayloadFile?, _ progress: inout WriteProgress
    ) throws(StoreError) -> WriteResult {
        let resource = try resourceID(draft.resource, &progress)
        if try exists(resource, draft.key) {
            return .failure(StoreError(.alreadyExists, "\(draft.resource) \"\(draft.key)\" already exists"))
        }
        if let refusal = watermark.refusal(adding: draft.payload?.count ?? 0) { return .failure(refusal) }
        var object = stored(draft, Self.next(progress))
        var row: RetainedRow?
        if retention.isFor(draft.resource) {
            let count = file?.bytes ?? Int64(draft.payload?.count ?? 0)
            let (retained, stamped) = newlyRetained(object, payloadBytes: count)
            if let refusal = retention.refusal(of: retained, progress.usage) { return .failure(refusal) }
            (row, object) = (retained, stamped)
        }
        let range = rangeValue(draft.labels)
        try statements.insert.run(values(of: object, resource, range))
        let id = connection.lastInsertedID
        if let payload = draft.payload { try write(payload, of: id) }
        if let file { try statements.setFile.run(.integer(id), .text(file.name), .integer(file.bytes)) }
        for term in Term.all(of: draft) { try add(term, object.key, id, range) }
        if let entry = TimelineEntry(object) { try timeline.add(entry, object.key, resource, id) }
        if let row { try retain(row, as: id, &progress) }
        progress.counts[.init(resource: resource, namespace: draft.key.namespace), default: 0] += 1
        progress.created += 1
        progress.note(StoreEvent(type: .added, object: object, previous: nil))
        return .success(object)
    }

    private func exists(_ resource: Int64, _ key: ObjectKey) throws(StoreError) -> Bool {
        defer { statements.findID.reset() }
        try statements.findID.bind(.integer(resource), .text(key.namespace), .text(key.name))
        return try statements.findID.step()
    }

    private func update(
        _ found: Found, _ change: (StoredObject) throws(StoreError) -> ObjectChange, _ progress: inout WriteProgress
    ) throws(StoreError) -> WriteResult {
        let decision: ObjectChange
        do throws(StoreError) { decision = try change(found.object) } catch { return .failure(error) }
        switch decision {
        case .unchanged: return .success(found.object)
        case .delete: return .success(try delete(found, &progress))
        case .replace(let draft):
            guard draft.resource == found.object.resource, draft.key == found.object.key else {
                return .failure(
                    StoreError(.aborted, "the replacement of \(found.object.key) is for another object, \(draft.key)"))
            }
            return .success(try replace(found, with: draft, &progress))
        }
    }

    /// Gives an object a new state; `hold` says what retention is to think of it, nil that it shall see for itself.
    func replace(
        _ found: Found, with draft: ObjectDraft, hold: RetainedRow.Hold? = nil, _ progress: inout WriteProgress
    ) throws(StoreError) -> StoredObject {
        let resource = try resourceID(draft.resource, &progress)
        var object = stored(draft, Self.next(progress))
        if let (row, changed, stamped) = try nextRetained(found, object, payload: draft.payload, hold: hold) {
            object = stamped
            try retained.update(changed)
            progress.usage.remove(row)
            progress.usage.add(changed)
        }
        let range = rangeValue(draft.labels)
        try keepHistory(found, endedBy: object.resourceVersion)
        let isSameRange = range == rangeValue(found.object.labels)
        let (before, after) = (Term.all(of: found.object), Term.all(of: draft))
        for term in before.subtracting(after) { try remove(term, object.key, found.id) }
        for term in isSameRange ? after.subtracting(before) : after { try add(term, object.key, found.id, range) }
        try statements.update.run(values(of: object, resource, range) + [.integer(found.id)])
        let (past, present) = (TimelineEntry(found.object), TimelineEntry(object))
        if past != present {
            if let past { try timeline.remove(past, object.key, resource, found.id) }
            if let present { try timeline.add(present, object.key, resource, found.id) }
        }
        if let payload = draft.payload {
            try removePayload(of: found.id, &progress)
            try write(payload, of: found.id)
        }
        progress.note(StoreEvent(type: .modified, object: object, previous: found.object))
        return object
    }

    /// Removes an object.
    func delete(_ found: Found, _ progress: inout WriteProgress) throws(StoreError) -> StoredObject {
        let resource = try resourceID(found.object.resource, &progress)
        let last = found.object.atVersion(Self.next(progress))
        try keepHistory(found, endedBy: last.resourceVersion)
        for term in Term.all(of: found.object) { try remove(term, found.object.key, found.id) }
        if let entry = TimelineEntry(found.object) {
            try timeline.remove(entry, found.object.key, resource, found.id)
        }
        try removePayload(of: found.id, &progress)
        try release(found, &progress)
        try statements.remove.run(.integer(found.id))
        progress.counts[.init(resource: resource, namespace: last.key.namespace), default: 0] -= 1
        progress.note(StoreEvent(type: .deleted, object: last, previous: found.object))
        return last
    }

    /// The version of the transaction's next event.
    private static func next(_ progress: WriteProgress) -> ResourceVersion {
        ResourceVersion(progress.commit.version + 1)
    }
}

extension WriteProgress {
    /// Takes an event in, which has the version behind the last one.
    fileprivate mutating func note(_ event: StoreEvent) {
        commit.version += 1
        commit.events.append(event)
    }
}
