/// Keeps account of who owns which fields of the objects of one type, and carries out server-side apply (conformance 8.7).
///
/// The meaning is that of Kubernetes' `managedfields` and structured-merge-diff:
/// - Nobody owns `apiVersion`, `kind`, `metadata` itself and what identifies the object, and, through the object itself,
///   `status`.
/// - A write other than an apply takes what it adds or changes from everybody. What it removes is nobody's.
/// - An apply owns exactly what it says. What it said before and no longer says is removed, unless others own it. To change
///   what others own is a conflict; to say the same is to share.
public struct FieldManager: Sendable {
    /// Which part of an object is written.
    public enum Part: Sendable {
        /// All but `status`.
        case object
        /// Only `status`.
        case status
    }

    /// The type of whole objects.
    public let schema: Schema
    /// `profefe.io/v1`.
    public let apiVersion: String
    /// What is written.
    public let part: Part

    /// A manager of the objects of one type.
    public init(_ schema: Schema, apiVersion: String, part: Part = .object) {
        self.schema = schema
        self.apiVersion = apiVersion
        self.part = part
    }

    // MARK: Writes other than apply

    /// Who owns what of a new object.
    public func created(_ object: JSONValue, by writer: FieldWriter) -> ManagedFields {
        var fields = ManagedFields()
        let owner = self.owner(writer.manager, .update)
        let set = owned(FieldSet(everythingIn: ownable(object), schema))
        fields[owner] = ManagedFields.Entry(owner: owner, apiVersion: apiVersion, time: writer.time, fields: set)
        return fields
    }

    /// Who owns what of an object after a write made `new` of `old`.
    public func updated(
        _ fields: ManagedFields, from old: JSONValue, to new: JSONValue, by writer: FieldWriter
    ) -> ManagedFields {
        var fields = current(fields)
        let changes = TypedComparison(ownable(old), ownable(new), schema)
        let set = changes.added.union(changes.modified)
        let lost = set.union(changes.removed)
        if !lost.isEmpty {
            for entry in fields.entries { fields[entry.owner]?.fields = entry.fields.subtracting(lost) }
        }
        let taken = owned(set)
        if !taken.isEmpty {
            let owner = self.owner(writer.manager, .update)
            let before = fields[owner]?.fields ?? FieldSet()
            fields[owner] = ManagedFields.Entry(
                owner: owner, apiVersion: apiVersion, time: writer.time, fields: taken.union(before))
        }
        fields.limitUpdates()
        return fields
    }

    /// Who owns what after `writer` has written all of the part: everything in it is the writer's, and nobody else's.
    public func rewritten(_ fields: ManagedFields, _ object: JSONValue, by writer: FieldWriter) -> ManagedFields {
        var fields = current(fields)
        let set = FieldSet(everythingIn: ownable(object), schema)
        for entry in fields.entries { fields[entry.owner]?.fields = entry.fields.subtracting(set) }
        let owner = self.owner(writer.manager, .update)
        fields[owner] = ManagedFields.Entry(
            owner: owner, apiVersion: apiVersion, time: writer.time, fields: owned(set))
        return fields
    }

    // MARK: Shared steps

    func owner(_ manager: String, _ operation: ManagedFields.Operation) -> ManagedFields.Owner {
        ManagedFields.Owner(
            manager: manager, operation: operation, apiVersion: operation == .apply ? "" : apiVersion,
            subresource: part == .status ? "status" : "")
    }

    /// The entries as the type is now. Those of versions that aren't served any more are dropped.
    public func current(_ fields: ManagedFields) -> ManagedFields {
        var result = fields
        result.entries.removeAll { !sameBytes($0.apiVersion, apiVersion) }
        for index in result.entries.indices {
            result.entries[index].fields = result.entries[index].fields.adapted(to: schema)
        }
        return result
    }

    /// What of an object can be owned by writing this part of it.
    func ownable(_ object: JSONValue) -> JSONValue {
        guard case .object(let members) = object else { return object }
        if part == .status {
            return .object(JSONObject(members.filter { $0.key == "status" }.map { ($0.key, $0.value) }))
        }
        var result: [(String, JSONValue)] = []
        for (name, value) in members where !Self.unowned.contains(name) {
            guard name == "metadata", case .object(let metadata) = value else {
                result.append((name, value))
                continue
            }
            let rest = metadata.filter { !Self.unownedMetadata.contains($0.key) }
            result.append((name, .object(JSONObject(rest.map { ($0.key, $0.value) }))))
        }
        return .object(JSONObject(result))
    }

    /// Of a set made of an ownable object, what is owned.
    func owned(_ set: FieldSet) -> FieldSet {
        var set = set
        set.remove(.field("metadata"))
        return set
    }

    private static let unowned: Set<String> = ["apiVersion", "kind", "status"]
    private static let unownedMetadata: Set<String> = [
        "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
    ]
}
