internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// The events of a store, those of the query's namespace, as a watch with selectors sees them.
///
/// An object that begins to match is ADDED, one that ceases to match is DELETED: its last matching state under the version
/// of the change. Reading too slowly ends the source without an error.
struct StoreWatchSource: WatchSource {
    let subscription: EventSubscription
    let query: WatchQuery
    let failure: StoreFailure

    func next() async throws -> WatchBatch? {
        do throws(StoreError) {
            return try await subscription.nextBatch().map(translate)
        } catch {
            guard error.code != .watchOverflow, error.code != .closed else { return nil }
            throw failure.watchError(error, after: query.after)
        }
    }

    func interrupt() { subscription.interrupt() }

    /// Where all objects match, as they do without selectors, all watches share what is made of the batch.
    private func translate(_ batch: EventBatch) -> WatchBatch {
        if isUnconditional || batch.events.allSatisfy(matchesThroughout) {
            return batch.remembering { events in
                WatchBatch(events.map(Self.unconditional), through: batch.through, isShared: true)
            }
        }
        return WatchBatch(batch.events.compactMap(translate), through: batch.through)
    }

    private var isUnconditional: Bool { query.labelSelector.isEmpty && query.fieldSelector.isEmpty }

    private func matchesThroughout(_ event: StoreEvent) -> Bool {
        (event.previous.map(matches) ?? true) && matches(event.object)
    }

    private static func unconditional(_ event: StoreEvent) -> WatchEvent {
        switch event.type {
        case .added: .added(event.object.object)
        case .modified: .modified(event.object.object)
        case .deleted: .deleted(event.object.object)
        }
    }

    private func translate(_ event: StoreEvent) -> WatchEvent? {
        let object = event.object.object
        switch event.type {
        case .added:
            return SelectorTransition(before: false, after: matches(event.object)).event(object: object, previous: nil)
        case .modified:
            let transition = SelectorTransition(
                before: event.previous.map(matches) ?? true, after: matches(event.object))
            let last = transition == .left ? event.previous?.object.atVersion(event.resourceVersion) : nil
            return transition.event(object: object, previous: last)
        case .deleted:
            let transition = SelectorTransition(before: matches(event.previous ?? event.object), after: false)
            return transition.event(object: object, previous: nil)
        }
    }

    private func matches(_ stored: StoredObject) -> Bool {
        if !query.labelSelector.isEmpty, !query.labelSelector.matches(stored.labels) { return false }
        guard !query.fieldSelector.isEmpty else { return true }
        let fields = stored.fields
        return query.fieldSelector.matches { field in
            switch field {
            case "metadata.name": stored.key.name
            case "metadata.namespace": stored.key.namespace
            default: fields[field]
            }
        }
    }
}
