// The wire form of managedFields (conformance 8.8).

extension ManagedFields {
    /// Managed fields that can't be read. A request that brings such ones leaves those of the stored object as they are.
    public struct Unreadable: Error {}

    /// Reads entries; nil and `null` are none.
    public init(json: JSONValue?) throws(Unreadable) {
        guard let json, !json.isNull else { return }
        guard let entries = json.arrayValue else { throw Unreadable() }
        for value in entries { try read(value) }
    }

    private mutating func read(_ value: JSONValue) throws(Unreadable) {
        func text(_ name: String) throws(Unreadable) -> String {
            switch value[name] {
            case nil, .null: return ""
            case .string(let text): return text
            default: throw Unreadable()
            }
        }
        let apiVersion = try text("apiVersion")
        guard let operation = Operation(rawValue: try text("operation")), !apiVersion.isEmpty,
            try text("fieldsType") == "FieldsV1"
        else { throw Unreadable() }
        let time = try text("time")
        let moment = Timestamp(rfc3339: time)
        guard time.isEmpty || moment != nil else { throw Unreadable() }
        let owner = Owner(
            manager: try text("manager"), operation: operation, apiVersion: operation == .apply ? "" : apiVersion,
            subresource: try text("subresource"))
        let fields: FieldSet
        do throws(PathElement.Fault) {
            fields =
                try value["fieldsV1"].map { json throws(PathElement.Fault) in try FieldSet(json: json) } ?? FieldSet()
        } catch {
            throw Unreadable()
        }
        // Kept without fields too: an update of the manager's may come.
        let entry = Entry(owner: owner, apiVersion: apiVersion, time: moment, fields: fields)
        if let at = entries.firstIndex(where: { $0.owner == owner }) {
            entries[at] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Whether a request's managed fields say that ownership is to be forgotten: `[]`, or `[{}]`.
    public static func isReset(_ json: JSONValue?) -> Bool {
        guard let entries = json?.arrayValue else { return false }
        return entries.isEmpty || (entries.count == 1 && entries.first?.objectValue?.isEmpty == true)
    }

    /// The wire form, in Kubernetes' order: appliers first, then by time, manager, version, subresource; nil if there is no
    /// entry.
    public var json: JSONValue? {
        if entries.isEmpty { return nil }
        return .array(entries.sorted(by: Self.precedes).map(Self.json))
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        if left.owner.operation != right.owner.operation { return left.owner.operation == .apply }
        let (a, b) = (left.time?.seconds ?? 0, right.time?.seconds ?? 0)
        if a != b { return a < b }
        let orders = [
            compareBytes(left.owner.manager, right.owner.manager), compareBytes(left.apiVersion, right.apiVersion),
            compareBytes(left.owner.subresource, right.owner.subresource),
        ]
        return (orders.first { $0 != 0 } ?? 0) < 0
    }

    private static func json(_ entry: Entry) -> JSONValue {
        var members = JSONObject([("manager", .string(entry.owner.manager))])
        members["operation"] = .string(entry.owner.operation.rawValue)
        members["apiVersion"] = .string(entry.apiVersion)
        members["time"] = entry.time.map { .string($0.rfc3339()) }
        members["fieldsType"] = "FieldsV1"
        members["fieldsV1"] = entry.fields.json
        if !entry.owner.subresource.isEmpty { members["subresource"] = .string(entry.owner.subresource) }
        return .object(members)
    }

    /// What Kubernetes refuses of a request's entries (`ValidateManagedFields`), beyond what can't be read at all.
    public func validate(_ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        for (index, entry) in entries.enumerated() {
            errors += OptionsKind.fieldManagerErrors(entry.owner.manager, path.index(index).child("manager"))
            if entry.owner.subresource.utf8.count > 256 {
                errors.append(.tooLong(path.index(index).child("subresource"), limit: 256))
            }
        }
        return errors
    }
}
