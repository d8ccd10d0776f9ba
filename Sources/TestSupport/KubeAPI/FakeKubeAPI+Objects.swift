public import APIMachinery
import NIOConcurrencyHelpers

/// Objects and watches, from the test's side.
extension FakeKubeAPI {
    /// The object at a path; nil if there is none.
    public func object(at path: String) -> JSONValue? {
        guard let place = FakeKubePlace(path: path) else { return nil }
        return state.withLockedValue { $0.store.object(place.resource, place.key) }
    }

    /// Makes or replaces the object at a path, whatever its version; watches learn of it.
    @discardableResult
    public func put(_ object: JSONValue, at path: String) throws -> JSONValue {
        guard var place = FakeKubePlace(path: path), !place.name.isEmpty else { throw StatusError.resourceNotFound() }
        var metadata = object["metadata"]?.objectValue ?? JSONObject()
        metadata["name"] = .string(place.name)
        metadata["resourceVersion"] = nil
        var object = object.objectValue ?? JSONObject()
        object["metadata"] = .object(metadata)
        return try state.change { state in
            if state.store.object(place.resource, place.key) != nil {
                return try state.tell(state.store.replace(.object(object), at: place))
            }
            place.name = ""
            return try state.tell(state.store.create(.object(object), at: place))
        }
    }

    /// Deletes the object at a path; watches learn of it.
    public func remove(_ path: String) throws {
        guard let place = FakeKubePlace(path: path) else { throw StatusError.resourceNotFound() }
        try state.change { state in
            _ = try state.tell(state.store.delete(at: place, uid: nil, version: nil))
        }
    }

    /// Makes or changes a namespace.
    public func putNamespace(_ name: String, isTerminating: Bool = false) throws {
        try put(["status": ["phase": isTerminating ? "Terminating" : "Active"]], at: "/api/v1/namespaces/\(name)")
    }

    /// Makes or changes the ConfigMap that kube-apiserver's front proxy is recognised by.
    public func putAuthenticationConfigMap(_ data: [String: String]) throws {
        try put(
            ["data": .object(JSONObject(data.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))],
            at: "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication")
    }

    /// The version of the last write.
    public var version: String { state.withLockedValue { String($0.store.version) } }

    /// Forgets the history: watches and pages from older versions get 410. Open watches go on.
    public func compact() { state.change { $0.store.compact() } }

    /// Sends a bookmark on every watch that asked for bookmarks.
    public func sendBookmarks() {
        state.withLockedValue { state in
            let version = state.store.version
            for watcher in state.watchers.values where watcher.allowsBookmarks {
                watcher.signals.yield(.bookmark(version))
            }
        }
    }

    /// Sends these bytes on every watch of a collection, as they are.
    public func sendOnWatches(_ bytes: String, path: String? = nil) { signal(.bytes(bytes), path) }

    /// Ends every watch (of a collection).
    public func endWatches(_ end: FakeKubeWatchEnd = .closed, path: String? = nil) { signal(.end(end), path) }

    private func signal(_ signal: FakeKubeWatcher.Signal, _ path: String?) {
        state.withLockedValue { state in
            for watcher in state.watchers.values where path == nil || watcher.path == path {
                watcher.signals.yield(signal)
            }
        }
    }
}

extension FakeKubeAPI.State {
    /// Tells the watches of an event, in the order of events; gives back the object.
    mutating func tell(_ event: FakeKubeStore.Event) -> JSONValue {
        for watcher in watchers.values { watcher.signals.yield(.event(event)) }
        return event.object
    }
}
