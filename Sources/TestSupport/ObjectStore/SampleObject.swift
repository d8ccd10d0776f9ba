public import APIMachinery
public import ProfileStore

/// An object for tests of stores, which encodes itself like a resource does: real JSON, with its version in it.
public struct SampleObject: Sendable, Hashable {
    /// The plural.
    public var resource = "profiles"
    /// Namespace and name.
    public var key: ObjectKey
    /// The uid.
    public var uid: String
    /// The labels.
    public var labels: Labels = [:]
    /// The selectable fields.
    public var fields: [String: String] = [:]
    /// Unix seconds.
    public var createdAt: Int64 = 1_763_712_005
    /// A number in `spec.counter`: what updates change.
    public var counter = 0
    /// The text of `spec.createdAt`: where the object stands in time.
    public var moment: String?
    /// The bytes beside the object.
    public var payload: [UInt8]?

    /// An object of the resource `profiles`.
    public init(_ namespace: String, _ name: String, uid: String? = nil) {
        key = ObjectKey(namespace: namespace, name: name)
        self.uid = uid ?? "uid-of-\(namespace)-\(name)"
    }

    /// The same object with some things changed.
    public func with(_ change: (inout SampleObject) -> Void) -> SampleObject {
        var copy = self
        change(&copy)
        return copy
    }

    /// What to write.
    public var draft: ObjectDraft {
        ObjectDraft(
            resource: resource, key: key, uid: uid, labels: labels, fields: fields, createdAt: createdAt,
            payload: payload
        ) { encoded($0) }
    }

    /// The encoded object at a version. An annotation bears the name of the version's field, to trap careless edits.
    public func encoded(_ version: ResourceVersion) -> EncodedObject {
        let prefix = #"{"kind":"Sample","metadata":"#
        var metadata = #"{"name":"\#(key.name)","namespace":"\#(key.namespace)","uid":"\#(uid)","#
        metadata += #""annotations":{"resourceVersion":"7","quoted":"\"resourceVersion\":\"8\""},"#
        metadata += #""labels":{"#
        metadata += labels.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        metadata += #"},"resourceVersion":"\#(version)"}"#
        let moment = self.moment.map { #","createdAt":"\#($0)""# } ?? ""
        let start = prefix.utf8.count
        return EncodedObject(
            json: Array((prefix + metadata + #","spec":{"counter":\#(counter)\#(moment)}}"#).utf8),
            metadata: start..<(start + metadata.utf8.count), cells: Array(#""\#(key.name)",\#(counter)"#.utf8),
            createdAt: createdAt, resourceVersion: version)
    }

    /// What a store must return for it at a version.
    public func stored(at version: ResourceVersion) -> StoredObject {
        StoredObject(
            resource: resource, key: key, uid: uid, labels: labels, fields: fields, object: encoded(version))
    }
}
