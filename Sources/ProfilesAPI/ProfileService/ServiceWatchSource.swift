internal import APIMachinery
internal import APIServer

/// The changes of services as a watch with selectors sees them: services have no labels, and fields that never change.
struct ServiceWatchSource: WatchSource {
    let changes: ServiceChanges
    let query: WatchQuery
    let now: @Sendable () -> Timestamp

    func next() async throws -> WatchBatch? {
        var iterator = changes.stream.makeAsyncIterator()
        guard let next = await iterator.next() else { return nil }
        guard let change = next else { return WatchBatch([], through: nil) }
        return WatchBatch(event(change).map { [$0] } ?? [], through: change.version)
    }

    func interrupt() { changes.interrupt() }

    private func event(_ change: ServiceChange) -> WatchEvent? {
        guard let service = change.after ?? change.before, query.matches(service) else { return nil }
        guard let after = change.after else { return .deleted(service.at(change.version).encoded(now: now())) }
        guard after.version == change.version else { return nil }
        return change.before == nil ? .added(after.encoded(now: now())) : .modified(after.encoded(now: now()))
    }
}

extension WatchQuery {
    fileprivate func matches(_ service: ServiceSummary) -> Bool {
        service.matches(scope, labelSelector, fieldSelector)
    }
}

extension ServiceSummary {
    /// Whether it is in the namespace and meets the selectors.
    func matches(_ scope: ListScope, _ labels: LabelSelector, _ fields: FieldSelector) -> Bool {
        if let wanted = scope.namespace, wanted != namespace { return false }
        guard labels.isEmpty || labels.matches(Labels()) else { return false }
        return fields.matches { field in
            switch field {
            case "metadata.name": name
            case "metadata.namespace": namespace
            default: nil
            }
        }
    }
}
