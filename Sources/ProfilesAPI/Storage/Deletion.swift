internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// Deletes one stored object (conformance 8.11).
///
/// States of an object: there → (finalizers left) marked → gone. Preconditions are checked and finalizers looked at on the
/// store's writer, against the latest state.
struct Deletion: Sendable {
    let options: DeleteOptions
    let now: Timestamp

    /// What became of the object; nil if there is none. A dry run tells what would become of it.
    func perform(
        on store: any ObjectStore, _ resource: String, _ key: ObjectKey
    ) async throws(StoreError) -> DeleteResult? {
        if options.dryRun {
            guard let stored = try await store.get(resource, key) else { return nil }
            return try dryRun(stored)
        }
        let change: @Sendable (StoredObject) throws(StoreError) -> ObjectChange = { stored throws(StoreError) in
            try self.change(stored)
        }
        guard let stored = try await store.update(resource, key, change) else { return nil }
        // Only what has no finalizers is removed, so the state that comes back tells what was done.
        return Self.metadata(of: stored).finalizers.isEmpty
            ? .deleted(uid: stored.uid, object: stored.object) : .marked(stored.object)
    }

    private func dryRun(_ stored: StoredObject) throws(StoreError) -> DeleteResult {
        switch try change(stored) {
        case .delete: .deleted(uid: stored.uid, object: stored.object)
        case .unchanged: .marked(stored.object)
        case .replace(let draft): .marked(draft.encode(stored.resourceVersion))
        }
    }

    private func change(_ stored: StoredObject) throws(StoreError) -> ObjectChange {
        try check(stored)
        var metadata = Self.metadata(of: stored)
        if metadata.finalizers.isEmpty { return .delete }
        if metadata.deletionTimestamp != nil { return .unchanged }
        metadata.deletionTimestamp = now
        metadata.deletionGracePeriodSeconds = 0
        metadata.generation += metadata.generation < .max ? 1 : 0
        return .replace(stored.draft(metadata))
    }

    private func check(_ stored: StoredObject) throws(StoreError) {
        let uid = Preconditions(uid: options.preconditions.uid)
        if let violation = uid.violation(by: stored) { throw violation }
        guard let text = options.preconditions.resourceVersion, text != stored.resourceVersion.description else {
            return
        }
        throw StoreError(
            .conflict(.resourceVersion),
            "the ResourceVersion in the precondition (\(text)) does not match the ResourceVersion in record "
                + "(\(stored.resourceVersion)). The object might have been modified")
    }

    private static func metadata(of stored: StoredObject) -> ObjectMeta {
        var errors = FieldErrorList()
        let json = try? JSONValue.parse(Array(stored.object.metadataJSON))
        return ObjectMeta(json: json, errors: &errors)
    }
}
