/// An object as an apply says it, checked against its type.
public struct AppliedObject: Sendable {
    /// What is applied.
    public let value: JSONValue
    /// Who applies it.
    public let writer: FieldWriter
    /// Whether it takes fields from their owners.
    public let force: Bool
    /// The fields that the writer owns by it.
    let fields: FieldSet

    /// Checks an object.
    ///
    /// - Throws: what doesn't fit the type, as ``TypedFault``.
    public init(_ value: JSONValue, by writer: FieldWriter, force: Bool, _ manager: FieldManager) throws(TypedFault) {
        if let message = TypedValidation(value, manager.schema).message { throw TypedFault(description: message) }
        self.value = value
        self.writer = writer
        self.force = force
        fields = manager.owned(FieldSet(appliedBy: manager.ownable(value), manager.schema))
    }

    /// What a new object is made of: without the version that an apply may say and that no new object has.
    public var forCreation: JSONValue {
        guard var members = value.objectValue, var metadata = members["metadata"]?.objectValue else { return value }
        metadata["resourceVersion"] = nil
        members["metadata"] = .object(metadata)
        return .object(members)
    }
}

/// An object that doesn't fit its type: `.spec.bogus: field not declared in schema`.
public struct TypedFault: Error, CustomStringConvertible {
    /// Where and why.
    public let description: String
}

/// What an apply made of an object.
public struct ApplyResult: Sendable {
    /// The object, its `metadata.managedFields` being those of before.
    public let value: JSONValue
    /// Who owns what of it.
    public let fields: ManagedFields
    /// Whether the object differs from the live one. Who owns what may differ even if not.
    public let isChanged: Bool
}

extension FieldManager {
    /// Who owned the fields of an object before anybody's were tracked.
    private static let beforeFirstApply = "before-first-apply"

    /// Who owns what of a new object that is an applied one.
    public func created(_ applied: AppliedObject) -> ManagedFields {
        var fields = ManagedFields()
        let owner = self.owner(applied.writer.manager, .apply)
        fields[owner] = entry(owner, applied, time: applied.writer.time)
        return fields
    }

    /// Carries out an apply on the live object.
    ///
    /// - Parameters:
    ///   - live: the object, fitting its type.
    ///   - fields: who owns what of it; none if that isn't tracked.
    /// - Throws: the conflicts, if there are any and the apply isn't forced.
    public func apply(
        _ applied: AppliedObject, to live: JSONValue, _ fields: ManagedFields
    ) throws(ApplyConflicts) -> ApplyResult {
        var fields = current(fields)
        if fields.isEmpty { fields = created(live, by: FieldWriter(Self.beforeFirstApply, at: applied.writer.time)) }
        let owner = self.owner(applied.writer.manager, .apply)
        let last = fields[owner]
        var merged = schema.merge(live, applied.value) ?? live
        fields[owner] = entry(owner, applied, time: last?.time)
        if let last { merged = prune(merged, last.fields, owners: fields) }
        let changes = TypedComparison(ownable(live), ownable(merged), schema)
        try settle(&fields, changes, applied, live)
        let isChanged = merged != live
        if isChanged { fields[owner]?.time = applied.writer.time }
        return ApplyResult(value: merged, fields: fields, isChanged: isChanged)
    }

    private func entry(
        _ owner: ManagedFields.Owner, _ applied: AppliedObject, time: Timestamp?
    ) -> ManagedFields.Entry {
        ManagedFields.Entry(owner: owner, apiVersion: apiVersion, time: time, fields: applied.fields)
    }

    /// Takes from the others what the apply changes and removes; throws where it may not.
    private func settle(
        _ fields: inout ManagedFields, _ changes: TypedComparison, _ applied: AppliedObject, _ live: JSONValue
    ) throws(ApplyConflicts) {
        if changes.isEmpty { return }
        let owner = self.owner(applied.writer.manager, .apply)
        let changed = changes.added.union(changes.modified)
        var conflicts = ApplyConflicts()
        for entry in fields.entries where entry.owner != owner {
            conflicts.add(entry.owner, entry.fields.intersection(changed))
        }
        if !applied.force, !conflicts.isEmpty {
            guard let allowed = lastApplied(in: live, for: applied.writer.manager) else { throw conflicts }
            let rest = conflicts.subtracting(allowed)
            guard rest.isEmpty else { throw rest }
        }
        let lost = changed.union(changes.removed)
        for entry in fields.entries where entry.owner != owner {
            fields[entry.owner]?.fields = entry.fields.subtracting(lost)
        }
    }

    /// Removes what the manager applied before and doesn't any more, as far as nobody else owns it.
    ///
    /// - Parameter owners: the owners with the new fields of the manager.
    private func prune(_ merged: JSONValue, _ last: FieldSet, owners: ManagedFields) -> JSONValue {
        let current = owners.entries.reduce(FieldSet()) { $0.union($1.fields) }
        if last.subtracting(current).isEmpty { return merged }
        let all = FieldSet(appliedBy: merged, schema)
        let present = all.withDeclaredFields(schema)
        let last = last.withDeclaredFields(schema)
        // Without anything that was applied before: what else is gone has gone with a container.
        let bare = fields(of: schema.removing(last, from: merged))
        // The same, but for what somebody owns or nobody can own.
        let unownable = all.subtracting(FieldSet(appliedBy: ownable(merged), schema))
        let owned = current.union(unownable).withDeclaredFields(schema)
        let kept = fields(of: schema.removing(present.subtracting(bare.union(owned)), from: merged))
        // And but for what wasn't applied before.
        return schema.removing(present.subtracting(kept).intersection(last), from: merged)
    }

    private func fields(of value: JSONValue) -> FieldSet {
        FieldSet(appliedBy: value, schema).withDeclaredFields(schema)
    }
}
