internal import APIMachinery

// What a write is made of.

extension Writer {
    /// An object and its row.
    struct Found {
        let id: Int64
        let object: StoredObject
    }

    func find(_ resource: String, _ key: ObjectKey, _ progress: WriteProgress) throws(StoreError) -> Found? {
        guard let id = progress.resources[resource] else { return nil }
        defer { statements.find.reset() }
        try statements.find.bind(.integer(id), .text(key.namespace), .text(key.name))
        guard try statements.find.step() else { return nil }
        let object = ObjectRow.read(statements.find, resource: resource)
        return Found(id: statements.find.integer(Int32(ObjectRow.columns.count)), object: object)
    }

    /// The retained object of an id.
    func find(retained id: Int64) throws(StoreError) -> Found? {
        defer { statements.findByID.reset() }
        try statements.findByID.bind(.integer(id))
        guard try statements.findByID.step() else { return nil }
        let resource = retention.configuration.resource
        return Found(id: id, object: ObjectRow.read(statements.findByID, resource: resource))
    }

    func stored(_ draft: ObjectDraft, _ version: ResourceVersion) -> StoredObject {
        let encoded = draft.encode(version)
        return StoredObject(
            resource: draft.resource, key: draft.key, uid: draft.uid, labels: draft.labels, fields: draft.fields,
            object: encoded.resourceVersion == version ? encoded : encoded.atVersion(version))
    }

    /// The values of `ObjectRow.columns`, then the resource and the range.
    func values(of stored: StoredObject, _ resource: Int64, _ range: Int64?) -> [SQLiteValue] {
        let object = stored.object
        return [
            .text(stored.key.namespace), .text(stored.key.name), .text(stored.uid),
            .integer(ObjectRow.number(object.resourceVersion)), .integer(object.createdAt),
            .integer(Int64(object.metadata.lowerBound)), .integer(Int64(object.metadata.upperBound)),
            .blob(stored.packedLabels.bytes), .blob(stored.packedFields.bytes), .blob(object.cells), .blob(object.json),
            .integer(resource), range.map(SQLiteValue.integer) ?? .null,
        ]
    }

    func write(_ payload: [UInt8], of object: Int64) throws(StoreError) {
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

    func removePayload(of object: Int64, _ progress: inout WriteProgress) throws(StoreError) {
        try statements.removePayload.run(
            .integer(PayloadParts.row(object, 0)), .integer(PayloadParts.row(object, PayloadParts.limit - 1)))
        defer { statements.findFile.reset() }
        try statements.findFile.bind(.integer(object))
        guard try statements.findFile.step() else { return }
        progress.commit.unneededFiles.append(statements.findFile.text(0))
        try statements.removeFile.run(.integer(object))
    }

    func keepHistory(_ found: Found, endedBy version: ResourceVersion) throws(StoreError) {
        try statements.keepHistory.run(
            .integer(ObjectRow.number(version)), .integer(configuration.clock()), .integer(found.id))
    }

    func add(_ term: Term, _ key: ObjectKey, _ id: Int64, _ range: Int64?) throws(StoreError) {
        try statements.addTerm.run(
            .integer(term.hash), .text(key.namespace), .text(key.name), .integer(id),
            range.map(SQLiteValue.integer) ?? .null)
    }

    func remove(_ term: Term, _ key: ObjectKey, _ id: Int64) throws(StoreError) {
        try statements.removeTerm.run(.integer(term.hash), .text(key.namespace), .text(key.name), .integer(id))
    }

    func rangeValue(_ labels: Labels) -> Int64? {
        labels[configuration.rangeLabel].flatMap(RangeBounds.integer)
    }

    func resourceID(_ name: String, _ progress: inout WriteProgress) throws(StoreError) -> Int64 {
        if let id = progress.resources[name] { return id }
        let id = (progress.resources.values.max() ?? 0) + 1
        try statements.addResource.run(.integer(id), .text(name))
        progress.resources[name] = id
        return id
    }
}
