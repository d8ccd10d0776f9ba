internal import APIMachinery
internal import APIServer
internal import NIOConcurrencyHelpers
internal import ProfileStore

/// Carries a change of one object out so that no other write is lost (conformance 8.5, 8.6).
///
/// The outcome is computed beside the store's writer, from the newest state; the writer only compares versions and puts
/// the object together. Whoever loses that race computes again, from the state that won. After ``attempts`` lost races a
/// light change is computed on the writer itself, where no race can be lost — so any number of parallel patches lands —
/// and a heavy one is answered with 409, as kube-apiserver answers.
struct StoreUpdate: Sendable {
    let store: any ObjectStore
    let resource: String
    let key: ObjectKey
    let change: ObjectUpdate
    let draft: @Sendable (DecodedObject, StoredObject) throws(StoreError) -> ObjectDraft

    /// How often a change is computed beside the writer (kube-apiserver's `MaxRetryWhenPatchConflicts`).
    static let attempts = 5
    /// Up to this size of the stored object, in bytes, a change may be computed on the writer.
    private static let lightObject = 256 << 10

    /// The new state; nil if there is no such object. A dry run tells what it would be, at the version there is.
    func perform(dryRun: Bool) async throws(StoreError) -> EncodedObject? {
        guard var seen = try await latest() else { return nil }
        for _ in 0..<Self.attempts {
            let plan = try plan(seen)
            if dryRun || plan.isEmpty { return plan.encode(seen.resourceVersion) }
            switch try await commit(plan, ifStill: seen) {
            case .written(let written): return plan.answer(written)
            case .overtaken(let newer): seen = newer
            case .gone: return nil
            }
        }
        guard change.isLight, seen.object.json.count <= Self.lightObject else {
            throw StoreError(
                .conflict(.resourceVersion),
                "the object has been modified; please apply your changes to the latest version and try again")
        }
        return try await computeOnWriter()
    }

    // MARK: Steps

    /// What is to be written, and what to answer then.
    private struct Plan: Sendable {
        let change: ObjectChange
        /// Encodes the new state at its version.
        let encode: @Sendable (ResourceVersion) -> EncodedObject

        var isEmpty: Bool {
            if case .unchanged = change { true } else { false }
        }

        /// What the store has made of it: it may write into an object. Of a removed one the state that removed it.
        func answer(_ written: StoredObject) -> EncodedObject {
            if case .delete = change { encode(written.resourceVersion) } else { written.object }
        }
    }

    private enum Attempt {
        case written(StoredObject)
        case overtaken(by: StoredObject)
        case gone
    }

    private func latest() async throws(StoreError) -> StoredObject? {
        if let stored = store.cached(resource, key) { return stored }
        return try await store.get(resource, key)
    }

    private func plan(_ stored: StoredObject) throws(StoreError) -> Plan {
        let outcome: ObjectUpdate.Outcome
        do throws(StatusError) {
            outcome = try change.outcome(for: stored.object)
        } catch {
            throw StoreError(.aborted, error.message, cause: error)
        }
        switch outcome {
        case .unchanged:
            return Plan(change: .unchanged) { _ in stored.object }
        case .replaced(let object):
            let draft = try draft(object, stored)
            return Plan(change: .replace(draft), encode: draft.encode)
        case .removed(let object):
            return Plan(change: .delete, encode: try draft(object, stored).encode)
        }
    }

    private func commit(_ plan: Plan, ifStill seen: StoredObject) async throws(StoreError) -> Attempt {
        let newer = NIOLockedValueBox<StoredObject?>(nil)
        let decide: @Sendable (StoredObject) throws(StoreError) -> ObjectChange = { stored throws(StoreError) in
            let isSame = stored.resourceVersion == seen.resourceVersion && stored.uid == seen.uid
            newer.withLockedValue { $0 = isSame ? nil : stored }
            return isSame ? plan.change : .unchanged
        }
        guard let written = try await store.update(resource, key, decide) else { return .gone }
        return newer.withLockedValue { $0 }.map { .overtaken(by: $0) } ?? .written(written)
    }

    private func computeOnWriter() async throws(StoreError) -> EncodedObject? {
        let carriedOut = NIOLockedValueBox<Plan?>(nil)
        let decide: @Sendable (StoredObject) throws(StoreError) -> ObjectChange = { stored throws(StoreError) in
            let plan = try self.plan(stored)
            carriedOut.withLockedValue { $0 = plan }
            return plan.change
        }
        guard let written = try await store.update(resource, key, decide) else { return nil }
        return carriedOut.withLockedValue { $0 }?.answer(written) ?? written.object
    }
}
