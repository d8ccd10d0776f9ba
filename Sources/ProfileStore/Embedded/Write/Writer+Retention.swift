internal import APIMachinery

// What retention notes of each write, and what it removes.

extension Writer {
    /// A new object as it is kept, and what is noted of it; it has no id yet.
    func newlyRetained(_ object: StoredObject, payloadBytes count: Int64) -> (RetainedRow, StoredObject) {
        var row = retention.row(of: object, id: 0, payloadBytes: count, storedAt: retention.now)
        let stamped = object.with(retention.stamped(object.object, row))
        row.bytes = RetainedRow.bytes(of: stamped) + count
        return (row, stamped)
    }

    func retain(_ row: RetainedRow, as id: Int64, _ progress: inout WriteProgress) throws(StoreError) {
        try retained.insert(row.with(id: id))
        progress.usage.add(row)
    }

    /// What is noted of an object and what is to be, and its new state as it is kept; nil if it isn't retained, or not yet
    /// counted.
    func nextRetained(
        _ found: Found, _ object: StoredObject, payload: [UInt8]?, hold: RetainedRow.Hold?
    ) throws(StoreError) -> (before: RetainedRow, after: RetainedRow, StoredObject)? {
        guard retention.isFor(object.resource), let row = try retained.row(of: found.id) else { return nil }
        var changed = retention.row(row, of: object, hold: hold)
        let stamped = object.with(retention.stamped(object.object, changed))
        changed.bytes += RetainedRow.bytes(of: stamped)
        if let payload {
            changed.bytes = RetainedRow.bytes(of: stamped) + Int64(payload.count)
        } else {
            changed.bytes -= RetainedRow.bytes(of: found.object)
        }
        return (row, changed, stamped)
    }

    /// Forgets what is noted of an object that goes.
    func release(_ found: Found, _ progress: inout WriteProgress) throws(StoreError) {
        guard retention.isFor(found.object.resource), let row = try retained.row(of: found.id) else { return }
        try retained.remove(found.id)
        progress.usage.remove(row)
    }

    /// Removes an object as the configuration says it is done: it may be marked only, or be marked already.
    func retire(
        _ id: Int64, _ reason: RetirementReason, _ progress: inout WriteProgress
    ) throws(StoreError) {
        guard let found = try find(retained: id) else { return try forget(id, &progress) }
        var decision = ObjectChange.unchanged
        // One that can't be judged stays, and out of the way.
        do throws(StoreError) { decision = try retention.configuration.retire(found.object) } catch {}
        switch decision {
        case .delete:
            _ = try delete(found, &progress)
            progress.commit.retired[reason, default: 0] += 1
        case .replace(let draft) where draft.key == found.object.key && draft.resource == found.object.resource:
            _ = try replace(found, with: draft, hold: .leaving, &progress)
        case .replace, .unchanged:
            guard let row = try retained.row(of: id) else { return }
            let held = retention.row(row, of: found.object, hold: .leaving)
            try retained.update(held)
            progress.usage.remove(row)
            progress.usage.add(held)
            progress.hasNotes = true
        }
    }

    /// Writes into an object when it goes, where that is no longer what it says.
    func restamp(_ row: RetainedRow, _ progress: inout WriteProgress) throws(StoreError) {
        guard let found = try find(retained: row.object) else { return try forget(row.object, &progress) }
        let state = found.object
        let draft = ObjectDraft(
            resource: state.resource, key: state.key, uid: state.uid, labels: state.labels, fields: state.fields,
            createdAt: state.object.createdAt
        ) { state.object.atVersion($0) }
        _ = try replace(found, with: draft, &progress)
    }

    /// Drops what is noted of an object that isn't there: nothing of ours leaves that, but it must not be found again and again.
    private func forget(_ id: Int64, _ progress: inout WriteProgress) throws(StoreError) {
        guard let row = try retained.row(of: id) else { return }
        try retained.remove(id)
        progress.usage.remove(row)
        progress.hasNotes = true
    }

    /// Removes the oldest until the limits are kept or `budget` objects are gone.
    ///
    /// - Parameter namespaces: those to look at; nil for those that the transaction has touched.
    /// - Returns: whether there is more to do.
    @discardableResult
    func keepLimits(
        _ progress: inout WriteProgress, namespaces: [String]? = nil, budget: Int
    ) throws(StoreError) -> Bool {
        var left = budget
        for namespace in namespaces ?? Array(progress.usage.namespaces) {
            while retention.isOverLimit(namespace, progress.usage), let oldest = try retained.oldest(in: namespace) {
                guard left > 0 else { return true }
                try retire(oldest, .namespaceLimit, &progress)
                left -= 1
            }
        }
        while retention.isOverLimit(progress.usage), let oldest = try retained.oldest(in: nil) {
            guard left > 0 else { return true }
            try retire(oldest, .storeLimit, &progress)
            left -= 1
        }
        return false
    }
}

extension StoredObject {
    /// The same object with another encoding.
    fileprivate func with(_ encoded: EncodedObject) -> StoredObject {
        StoredObject(
            resource: resource, key: key, uid: uid, labels: packedLabels, fields: packedFields, object: encoded)
    }
}

extension RetainedRow {
    fileprivate func with(id: Int64) -> RetainedRow {
        RetainedRow(
            object: id, namespace: namespace, class: `class`, storedAt: storedAt, bytes: bytes, hold: hold,
            expiresAt: expiresAt)
    }
}
