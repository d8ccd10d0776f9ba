/// The fields that an apply would change and that others own.
public struct ApplyConflicts: Error, Sendable {
    private var conflicts: [(owner: ManagedFields.Owner, paths: [[PathElement]])] = []

    init() {}

    /// Whether there is none.
    var isEmpty: Bool { conflicts.isEmpty }

    /// Adds the fields of one owner.
    mutating func add(_ owner: ManagedFields.Owner, _ fields: FieldSet) {
        let paths = fields.paths
        guard !paths.isEmpty else { return }
        conflicts.append((owner, paths))
    }

    /// The conflicts that aren't about these fields.
    func subtracting(_ fields: FieldSet) -> ApplyConflicts {
        var rest = ApplyConflicts()
        for (owner, paths) in conflicts {
            let left = paths.filter { !fields.contains($0) }
            if !left.isEmpty { rest.conflicts.append((owner, left)) }
        }
        return rest
    }

    private var sorted: [(owner: ManagedFields.Owner, paths: [[PathElement]])] {
        conflicts.sorted { left, right in
            let order = compareBytes(left.owner.manager, right.owner.manager)
            return order == 0 ? left.owner.description < right.owner.description : order < 0
        }
    }

    /// 409 in Kubernetes' words, one cause for each field.
    public var statusError: StatusError {
        let sorted = sorted
        let causes = sorted.flatMap { owner, paths in
            paths.map { path in
                StatusCause(reason: "FieldManagerConflict", message: "conflict with \(owner)", field: path.text)
            }
        }
        return .applyConflict("Apply failed with \(message(sorted, causes.count))", causes: causes)
    }

    private func message(_ sorted: [(owner: ManagedFields.Owner, paths: [[PathElement]])], _ count: Int) -> String {
        if count == 1, let (owner, paths) = sorted.first, let path = paths.first {
            return "1 conflict: conflict with \(owner): \(path.text)"
        }
        let lines = sorted.flatMap { owner, paths in
            ["conflicts with \(owner):"] + paths.map { "- \($0.text)" }
        }
        return "\(count) conflicts: \(lines.joined(separator: "\n"))"
    }
}
