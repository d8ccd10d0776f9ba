public import APIMachinery

/// What must hold of an object for its deletion to go ahead (`DeleteOptions.preconditions`).
public struct Preconditions: Sendable, Hashable {
    /// The uid the object must have; nil for any.
    public var uid: String?
    /// The version the object must be at; nil for any.
    public var resourceVersion: ResourceVersion?

    /// Preconditions of their parts; none by default.
    public init(uid: String? = nil, resourceVersion: ResourceVersion? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    /// The error that tells why the object doesn't meet them, in the words of kube-apiserver; nil if it does.
    public func violation(by object: StoredObject) -> StoreError? {
        if let uid, uid != object.uid {
            return StoreError(
                .conflict(.uid),
                "the UID in the precondition (\(uid)) does not match the UID in record (\(object.uid)). "
                    + "The object might have been deleted and then recreated")
        }
        if let resourceVersion, resourceVersion != object.resourceVersion {
            return StoreError(
                .conflict(.resourceVersion),
                "the ResourceVersion in the precondition (\(resourceVersion)) does not match the ResourceVersion "
                    + "in record (\(object.resourceVersion)). The object might have been modified")
        }
        return nil
    }
}
