import APIMachinery
import Digests

/// The objects of a ``FakeKubeAPI`` and what happened to them, under the rules of a kube-apiserver. A value: its owner locks.
struct FakeKubeStore: Sendable {
    /// Something that happened to an object.
    struct Event: Sendable {
        var version: UInt64
        var resource: GroupVersionResource
        var key: ObjectKey
        /// Nil where it was made.
        var old: JSONValue?
        /// With its new resourceVersion; where it was deleted, its last state with that of the deletion.
        var object: JSONValue
        var isDeletion: Bool
    }

    let resources: [GroupVersionResource: FakeKubeResource]
    private(set) var version: UInt64 = 1000
    /// Watches and lists of older versions are expired.
    private(set) var oldest: UInt64 = 1000
    private(set) var events: [Event] = []
    private var objects: [GroupVersionResource: [ObjectKey: JSONValue]] = [:]

    init(_ resources: [FakeKubeResource]) {
        self.resources = Dictionary(resources.map { ($0.resource, $0) }) { $1 }
    }

    /// Forgets what happened so far: who asks for it is told 410.
    mutating func compact() {
        version += 1
        oldest = version
        events = []
    }

    // MARK: reading

    func object(_ resource: GroupVersionResource, _ key: ObjectKey) -> JSONValue? { objects[resource]?[key] }

    /// In the order of keys.
    func all(_ resource: GroupVersionResource, namespace: String) -> [(key: ObjectKey, object: JSONValue)] {
        objects[resource, default: [:]].filter { namespace.isEmpty || $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: writing

    mutating func create(_ object: JSONValue, at place: FakeKubePlace) throws(StatusError) -> Event {
        let kind = try known(place.resource)
        var metadata = object["metadata"]?.objectValue ?? JSONObject()
        if metadata["name"] == nil, let prefix = metadata["generateName"]?.stringValue {
            metadata["name"] = .string(prefix + String(uuidV4().prefix(5)))
        }
        guard let name = metadata["name"]?.stringValue, !name.isEmpty else {
            throw .badRequest("name or generateName is required")
        }
        let key = ObjectKey(namespace: place.namespace, name: name)
        guard self.object(place.resource, key) == nil else {
            throw .alreadyExists(place.resource.groupResource, name: name)
        }
        if kind.isNamespaced {
            try checkNamespace(of: place)
            metadata["namespace"] = .string(place.namespace)
        }
        if metadata["uid"] == nil { metadata["uid"] = .string(uuidV4()) }
        if metadata["creationTimestamp"] == nil { metadata["creationTimestamp"] = .string(Timestamp.now().rfc3339()) }
        return write(object, metadata, kind, key, old: nil)
    }

    private func checkNamespace(of place: FakeKubePlace) throws(StatusError) {
        let namespaces = GroupVersionResource(group: "", version: "v1", resource: "namespaces")
        guard object(namespaces, ObjectKey(namespace: "", name: place.namespace)) == nil else { return }
        throw .notFound(namespaces.groupResource, name: place.namespace)
    }

    mutating func replace(_ object: JSONValue, at place: FakeKubePlace) throws(StatusError) -> Event {
        let kind = try known(place.resource)
        guard let old = self.object(place.resource, place.key) else {
            throw .notFound(place.resource.groupResource, name: place.name)
        }
        var metadata = object["metadata"]?.objectValue ?? JSONObject()
        let wanted = metadata["resourceVersion"]?.stringValue ?? ""
        guard wanted.isEmpty || wanted == old["metadata"]?["resourceVersion"]?.stringValue else {
            throw .modified(place.resource.groupResource, name: place.name)
        }
        for field in ["uid", "creationTimestamp", "namespace", "name"] {
            metadata[field] = old["metadata"]?[field]
        }
        guard place.subresource == "status" else { return write(object, metadata, kind, place.key, old: old) }
        // Only the status counts.
        var changed = old.objectValue ?? JSONObject()
        changed["status"] = object["status"]
        return write(.object(changed), old["metadata"]?.objectValue ?? JSONObject(), kind, place.key, old: old)
    }

    mutating func patch(_ patch: JSONValue, at place: FakeKubePlace) throws(StatusError) -> Event {
        guard let old = object(place.resource, place.key) else {
            throw .notFound(place.resource.groupResource, name: place.name)
        }
        let merge: MergePatch
        do throws(PatchError) { merge = try MergePatch(patch) } catch { throw .badRequest(error.message) }
        return try replace(merge.apply(to: old), at: place)
    }

    mutating func delete(at place: FakeKubePlace, uid: String?, version wanted: String?) throws(StatusError) -> Event {
        let kind = try known(place.resource)
        guard let old = object(place.resource, place.key) else {
            throw .notFound(place.resource.groupResource, name: place.name)
        }
        let metadata = old["metadata"]?.objectValue ?? JSONObject()
        let found = metadata["uid"]?.stringValue ?? ""
        if let uid, uid != found {
            throw .uidPrecondition(place.resource.groupResource, name: place.name, expected: uid, found: found)
        }
        let foundVersion = metadata["resourceVersion"]?.stringValue ?? ""
        if let wanted, wanted != foundVersion {
            throw .resourceVersionPrecondition(
                place.resource.groupResource, name: place.name, expected: wanted,
                found: ResourceVersion(foundVersion) ?? ResourceVersion(0))
        }
        return write(old, metadata, kind, place.key, old: old, isDeletion: true)
    }

    private mutating func write(
        _ object: JSONValue, _ metadata: JSONObject, _ kind: FakeKubeResource, _ key: ObjectKey, old: JSONValue?,
        isDeletion: Bool = false
    ) -> Event {
        version += 1
        var metadata = metadata
        metadata["resourceVersion"] = .string(String(version))
        var whole = object.objectValue ?? JSONObject()
        whole["kind"] = .string(kind.kind)
        whole["apiVersion"] = .string(kind.apiVersion)
        whole["metadata"] = .object(metadata)
        objects[kind.resource, default: [:]][key] = isDeletion ? nil : .object(whole)
        let event = Event(
            version: version, resource: kind.resource, key: key, old: old, object: .object(whole),
            isDeletion: isDeletion)
        events.append(event)
        return event
    }

    func known(_ resource: GroupVersionResource) throws(StatusError) -> FakeKubeResource {
        guard let kind = resources[resource] else { throw .resourceNotFound() }
        return kind
    }
}
