internal import APIMachinery
internal import APIServer
internal import NIOConcurrencyHelpers
internal import ProfileStore

/// Deletes one stored object (conformance 8.11).
///
/// States of an object: there → (finalizers left) marked → gone. The policies Foreground and Orphan are finalizers that
/// kube-controller-manager's garbage collector takes away when it has deleted or freed the dependents. Preconditions are checked and finalizers looked at on the
/// store's writer, against the latest state.
struct Deletion: Sendable {
    let options: DeleteOptions
    let now: Timestamp
    /// Whether a garbage collector watches these objects: only then may it be left finalizers of its own to take away.
    var hasGarbageCollector = false

    /// What became of the object; nil if there is none. A dry run tells what would become of it.
    func perform(
        on store: any ObjectStore, _ resource: String, _ key: ObjectKey
    ) async throws(StoreError) -> DeleteResult? {
        if options.dryRun {
            guard let stored = try await store.get(resource, key) else { return nil }
            return try dryRun(stored)
        }
        let isRemoved = NIOLockedValueBox(false)
        let change: @Sendable (StoredObject) throws(StoreError) -> ObjectChange = { stored throws(StoreError) in
            let change = try self.change(stored)
            if case .delete = change { isRemoved.withLockedValue { $0 = true } }
            return change
        }
        guard let stored = try await store.update(resource, key, change) else { return nil }
        return isRemoved.withLockedValue { $0 }
            ? .deleted(uid: stored.uid, object: stored.object) : .marked(stored.object)
    }

    private func dryRun(_ stored: StoredObject) throws(StoreError) -> DeleteResult {
        switch try change(stored) {
        case .delete: .deleted(uid: stored.uid, object: stored.object)
        case .unchanged: .marked(stored.object)
        case .replace(let draft): .marked(draft.encode(stored.resourceVersion))
        }
    }

    /// What the deletion makes of the object's latest state.
    func change(_ stored: StoredObject) throws(StoreError) -> ObjectChange {
        try check(stored)
        var metadata = Self.metadata(of: stored)
        let finalizers = hasGarbageCollector ? finalizers(metadata.finalizers) : metadata.finalizers
        if finalizers.isEmpty { return .delete }
        if metadata.deletionTimestamp != nil, finalizers == metadata.finalizers { return .unchanged }
        metadata.finalizers = finalizers
        if metadata.deletionTimestamp == nil {
            metadata.deletionTimestamp = now
            metadata.deletionGracePeriodSeconds = 0
            metadata.generation += metadata.generation < .max ? 1 : 0
        }
        return .replace(stored.draft(metadata))
    }

    /// The finalizers with that by which the garbage collector knows what to do with dependents before the object goes; the other
    /// one is taken away. Without a policy those that are there stay.
    private func finalizers(_ present: [String]) -> [String] {
        guard let policy = options.effectivePolicy else { return present }
        let own: String? =
            switch policy {
            case .background: nil
            case .foreground: ObjectMeta.foregroundFinalizer
            case .orphan: ObjectMeta.orphanFinalizer
            }
        let others = present.filter {
            $0 == own || ($0 != ObjectMeta.foregroundFinalizer && $0 != ObjectMeta.orphanFinalizer)
        }
        guard let own, !others.contains(own) else { return others }
        return others + [own]
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
