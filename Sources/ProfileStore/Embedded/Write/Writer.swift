internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Turns a group of writes into one transaction. Called on the commit queue only.
///
/// Each write is decided before it changes anything, so a refused one leaves its neighbours alone; a failure of the
/// database undoes the whole group.
final class Writer: Sendable {
    /// A group that is on disk: what to answer to each write, and what to tell the watches.
    struct Commit: Sendable {
        var results: [WriteResult] = []
        var events: [StoreEvent] = []
        /// The last version given.
        var version: UInt64
    }

    /// What a transaction has done so far.
    private struct Progress {
        var commit: Commit
        var resources: [String: Int64]
        var counts: [CountKey: Int64] = [:]
    }

    private struct CountKey: Hashable {
        let resource: Int64
        let namespace: String
    }

    private let connection: SQLiteConnection
    private let statements: WriteStatements
    private let resources: ResourceIDs
    private let cache: ObjectCache
    private let version: NIOLockedValueBox<UInt64>
    private let configuration: EmbeddedStoreConfiguration

    init(
        _ connection: SQLiteConnection, version: ResourceVersion, resources: ResourceIDs, cache: ObjectCache,
        configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) {
        self.connection = connection
        self.statements = try WriteStatements(connection)
        self.version = NIOLockedValueBox(version.rawValue)
        self.resources = resources
        self.cache = cache
        self.configuration = configuration
    }

    /// Applies the writes in order and returns when they are on disk.
    ///
    /// - Throws: when the database failed; nothing has changed then.
    func commit(_ operations: [WriteOperation]) throws(StoreError) -> Commit {
        let known = resources.all
        var progress = Progress(commit: Commit(version: version.withLockedValue { $0 }), resources: known)
        do throws(StoreError) {
            try statements.begin.run()
            for operation in operations { progress.commit.results.append(try apply(operation, &progress)) }
            if progress.commit.events.isEmpty { connection.rollback() } else { try finish(progress) }
        } catch {
            connection.rollback()
            throw error
        }
        if progress.resources.count > known.count { resources.publish(progress.resources) }
        version.withLockedValue { $0 = progress.commit.version }
        return progress.commit
    }

    private func finish(_ progress: Progress) throws(StoreError) {
        for (key, change) in progress.counts where change != 0 {
            try statements.addCount.run(.integer(key.resource), .text(key.namespace), .integer(change))
        }
        try statements.setMeta.run(.integer(Int64(clamping: progress.commit.version)), .text("version"))
        let keys = progress.commit.events.map { ObjectCache.Key(resource: $0.object.resource, object: $0.object.key) }
        cache.close(keys)
        defer { cache.open(keys) }
        try statements.commit.run()
    }

    // MARK: one write

    private func apply(_ operation: WriteOperation, _ progress: inout Progress) throws(StoreError) -> WriteResult {
        switch operation {
        case .create(let draft):
            return try create(draft, &progress)
        case .update(let resource, let key, let change):
            guard let found = try find(resource, key, progress) else { return .success(nil) }
            return try update(found, change, &progress)
        case .delete(let resource, let key, let preconditions):
            guard let found = try find(resource, key, progress) else { return .success(nil) }
            if let violation = preconditions.violation(by: found.object) { return .failure(violation) }
            return .success(try delete(found, &progress))
        }
    }

    private func create(_ draft: ObjectDraft, _ progress: inout Progress) throws(StoreError) -> WriteResult {
        let resource = try resourceID(draft.resource, &progress)
        defer { statements.findID.reset() }
        try statements.findID.bind(.integer(resource), .text(draft.key.namespace), .text(draft.key.name))
        if try statements.findID.step() {
            return .failure(StoreError(.alreadyExists, "\(draft.resource) \"\(draft.key)\" already exists"))
        }
        let object = stored(draft, next(&progress))
        let range = rangeValue(draft.labels)
        try statements.insert.run(values(of: object, resource, range))
        let id = connection.lastInsertedID
        if let payload = draft.payload { try write(payload, of: id) }
        for term in Term.all(of: draft) { try add(term, object.key, id, range) }
        progress.counts[CountKey(resource: resource, namespace: draft.key.namespace), default: 0] += 1
        progress.commit.events.append(StoreEvent(type: .added, object: object, previous: nil))
        return .success(object)
    }

    private func update(
        _ found: Found, _ change: (StoredObject) throws(StoreError) -> ObjectChange, _ progress: inout Progress
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

    private func replace(
        _ found: Found, with draft: ObjectDraft, _ progress: inout Progress
    ) throws(StoreError) -> StoredObject {
        let resource = try resourceID(draft.resource, &progress)
        let object = stored(draft, next(&progress))
        let range = rangeValue(draft.labels)
        try keepHistory(found, endedBy: progress.commit.version)
        let isSameRange = range == rangeValue(found.object.labels)
        let (before, after) = (Term.all(of: found.object), Term.all(of: draft))
        for term in before.subtracting(after) { try remove(term, object.key, found.id) }
        for term in isSameRange ? after.subtracting(before) : after { try add(term, object.key, found.id, range) }
        try statements.update.run(values(of: object, resource, range) + [.integer(found.id)])
        if let payload = draft.payload {
            try removePayload(of: found.id)
            try write(payload, of: found.id)
        }
        progress.commit.events.append(StoreEvent(type: .modified, object: object, previous: found.object))
        return object
    }

    private func delete(_ found: Found, _ progress: inout Progress) throws(StoreError) -> StoredObject {
        let resource = try resourceID(found.object.resource, &progress)
        let last = found.object.atVersion(next(&progress))
        try keepHistory(found, endedBy: progress.commit.version)
        for term in Term.all(of: found.object) { try remove(term, found.object.key, found.id) }
        try removePayload(of: found.id)
        try statements.remove.run(.integer(found.id))
        progress.counts[CountKey(resource: resource, namespace: last.key.namespace), default: 0] -= 1
        progress.commit.events.append(StoreEvent(type: .deleted, object: last, previous: found.object))
        return last
    }

    // MARK: pieces

    private func write(_ payload: [UInt8], of object: Int64) throws(StoreError) {
        let parts = PayloadParts.split(payload)
        guard parts.count <= PayloadParts.limit else {
            throw StoreError(
                .configuration,
                "a payload of \(payload.count) bytes, at most "
                    + "\(PayloadParts.limit * PayloadParts.size) can be kept")
        }
        for (part, bytes) in parts.enumerated() {
            try statements.setPayload.run(
                .integer(PayloadParts.row(object, part)), .blob(parts.count == 1 ? payload : Array(bytes)))
        }
    }

    private func removePayload(of object: Int64) throws(StoreError) {
        try statements.removePayload.run(
            .integer(PayloadParts.row(object, 0)), .integer(PayloadParts.row(object, PayloadParts.limit - 1)))
    }

    private struct Found {
        let id: Int64
        let object: StoredObject
    }

    private func find(_ resource: String, _ key: ObjectKey, _ progress: Progress) throws(StoreError) -> Found? {
        guard let id = progress.resources[resource] else { return nil }
        defer { statements.find.reset() }
        try statements.find.bind(.integer(id), .text(key.namespace), .text(key.name))
        guard try statements.find.step() else { return nil }
        let object = ObjectRow.read(statements.find, resource: resource)
        return Found(id: statements.find.integer(Int32(ObjectRow.columns.count)), object: object)
    }

    private func next(_ progress: inout Progress) -> ResourceVersion {
        progress.commit.version += 1
        return ResourceVersion(progress.commit.version)
    }

    private func stored(_ draft: ObjectDraft, _ version: ResourceVersion) -> StoredObject {
        let encoded = draft.encode(version)
        return StoredObject(
            resource: draft.resource, key: draft.key, uid: draft.uid, labels: draft.labels, fields: draft.fields,
            object: encoded.resourceVersion == version ? encoded : encoded.atVersion(version))
    }

    /// The values of `ObjectRow.columns`, then the resource and the range.
    private func values(of stored: StoredObject, _ resource: Int64, _ range: Int64?) -> [SQLiteValue] {
        let object = stored.object
        return [
            .text(stored.key.namespace), .text(stored.key.name), .text(stored.uid),
            .integer(ObjectRow.number(object.resourceVersion)), .integer(object.createdAt),
            .integer(Int64(object.metadata.lowerBound)), .integer(Int64(object.metadata.upperBound)),
            .blob(stored.packedLabels.bytes), .blob(stored.packedFields.bytes), .blob(object.cells), .blob(object.json),
            .integer(resource), range.map(SQLiteValue.integer) ?? .null,
        ]
    }

    private func keepHistory(_ found: Found, endedBy version: UInt64) throws(StoreError) {
        try statements.keepHistory.run(
            .integer(Int64(clamping: version)), .integer(configuration.clock()), .integer(found.id))
    }

    private func add(_ term: Term, _ key: ObjectKey, _ id: Int64, _ range: Int64?) throws(StoreError) {
        try statements.addTerm.run(
            .integer(term.hash), .text(key.namespace), .text(key.name), .integer(id),
            range.map(SQLiteValue.integer) ?? .null)
    }

    private func remove(_ term: Term, _ key: ObjectKey, _ id: Int64) throws(StoreError) {
        try statements.removeTerm.run(.integer(term.hash), .text(key.namespace), .text(key.name), .integer(id))
    }

    private func rangeValue(_ labels: Labels) -> Int64? {
        labels[configuration.rangeLabel].flatMap(RangeBounds.integer)
    }

    private func resourceID(_ name: String, _ progress: inout Progress) throws(StoreError) -> Int64 {
        if let id = progress.resources[name] { return id }
        let id = (progress.resources.values.max() ?? 0) + 1
        try statements.addResource.run(.integer(id), .text(name))
        progress.resources[name] = id
        return id
    }
}
