internal import APIMachinery

/// Finds what a change makes of fields that can't be changed.
struct ImmutableFields: Sendable {
    /// Members that may be changed all the same.
    var mutable: Set<String> = []

    /// One fault for each member that is added, removed or other than before; both values were made comparable by their schema.
    func faults(_ new: JSONValue?, _ old: JSONValue?, _ path: FieldPath) -> FieldErrorList {
        var errors = FieldErrorList()
        let (after, before) = (new?.objectValue ?? JSONObject(), old?.objectValue ?? JSONObject())
        for (name, value) in after where !mutable.contains(name) && before[name] != value {
            errors.append(.invalid(path.child(name), .json(value), "field is immutable"))
        }
        for (name, _) in before where !mutable.contains(name) && !after.contains(name) {
            errors.append(.invalid(path.child(name), .init(printed: "null"), "field is immutable"))
        }
        return errors
    }
}
