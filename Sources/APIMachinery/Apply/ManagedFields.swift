/// Who owns which fields of an object: `metadata.managedFields`, decoded.
public struct ManagedFields: Sendable, Equatable {
    /// How a manager came to own fields.
    public enum Operation: String, Sendable, Hashable {
        /// By server-side apply: what it no longer applies is removed.
        case apply = "Apply"
        /// By any other write.
        case update = "Update"
    }

    /// Whose fields an entry holds. Of an applier the version it applied in doesn't count.
    public struct Owner: Sendable {
        /// The workflow's name.
        public var manager: String
        /// How it owns.
        public var operation: Operation
        /// `profefe.io/v1`; empty for appliers.
        public var apiVersion: String
        /// The subresource it wrote to; empty for the object itself.
        public var subresource: String
    }

    /// One owner's fields.
    public struct Entry: Sendable, Equatable {
        /// Whose.
        public var owner: Owner
        /// The version that the fields are of.
        public var apiVersion: String
        /// When the owner last changed something; nil if not known.
        public var time: Timestamp?
        /// The fields.
        public var fields: FieldSet
    }

    /// The entries, in no order that means anything; no owner twice.
    public internal(set) var entries: [Entry] = []

    /// Nobody owns anything.
    public init() {}

    /// Whether ownership isn't tracked.
    public var isEmpty: Bool { entries.isEmpty }

    /// The entry of an owner. Setting nil, or an entry without fields, removes it.
    public internal(set) subscript(owner: Owner) -> Entry? {
        get { entries.first { $0.owner == owner } }
        set {
            let entry = newValue.flatMap { $0.fields.isEmpty ? nil : $0 }
            if let at = entries.firstIndex(where: { $0.owner == owner }) {
                if let entry { entries[at] = entry } else { entries.remove(at: at) }
            } else if let entry {
                entries.append(entry)
            }
        }
    }

    /// The same owners with the same fields, whenever they got them.
    public func isSame(as other: ManagedFields) -> Bool {
        entries.count == other.entries.count
            && entries.allSatisfy { entry in
                guard let twin = other[entry.owner] else { return false }
                return sameBytes(entry.apiVersion, twin.apiVersion) && entry.fields == twin.fields
            }
    }
}

extension ManagedFields.Owner: Equatable {
    /// The same owner, by bytes.
    public static func == (left: Self, right: Self) -> Bool {
        left.operation == right.operation && sameBytes(left.manager, right.manager)
            && sameBytes(left.apiVersion, right.apiVersion) && sameBytes(left.subresource, right.subresource)
    }
}

extension ManagedFields.Owner: CustomStringConvertible {
    /// As conflicts name it: `"m1"`, `"kubectl-edit" using profefe.io/v1`, `"x" with subresource "status" using …`.
    public var description: String {
        let place = subresource.isEmpty ? "" : " with subresource \(subresource.quoted)"
        let version = operation == .update ? " using \(apiVersion)" : ""
        return manager.quoted + place + version
    }
}

extension ManagedFields {
    /// The most entries of updates. Appliers are not counted: what they own decides what a next apply removes.
    static let updateLimit = 10
    /// Who owns what the oldest updates of more than ``updateLimit`` owned.
    static let ancient = "ancient-changes"

    /// Makes one entry of the oldest updates where there are too many, version by version.
    mutating func limitUpdates() {
        let updates = entries.filter { $0.owner.operation == .update }.sorted { left, right in
            let (a, b) = (left.time?.seconds ?? 0, right.time?.seconds ?? 0)
            return a == b ? compareBytes(left.owner.manager, right.owner.manager) < 0 : a < b
        }
        var surplus = updates.count - Self.updateLimit
        var first: [String: Owner] = [:]
        for entry in updates where surplus > 0 {
            guard let earlier = first[entry.apiVersion] else {
                first[entry.apiVersion] = entry.owner
                continue
            }
            let bucket = Owner(
                manager: Self.ancient, operation: .update, apiVersion: entry.apiVersion, subresource: "")
            var fields = entry.fields
            if let old = self[bucket] {
                fields = fields.union(old.fields)
            } else if let old = self[earlier] {
                fields = fields.union(old.fields)
                self[earlier] = nil
            }
            self[entry.owner] = nil
            self[bucket] = Entry(owner: bucket, apiVersion: entry.apiVersion, time: entry.time, fields: fields)
            surplus -= 1
        }
    }
}
