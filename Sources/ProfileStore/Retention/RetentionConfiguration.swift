public import APIMachinery

/// Which objects a store removes by itself, and how.
///
/// Objects of one resource are *retained*: counted by namespace and class, given the time at which they will be removed, removed then, or
/// earlier where a limit wants it, the oldest first. The order is that in which the store took them in, whatever the clock did.
public struct RetentionConfiguration: Sendable {
    /// The plural of the retained resource.
    public var resource = "profiles"
    /// The label that exempts an object if its value is `true`.
    public var pinnedLabel = "profefe.io/pinned"
    /// The field whose value is an object's class.
    public var classField = "spec.type"
    /// What may be kept.
    public var limits = StoreLimits()
    /// How long objects are kept. Asked every ``EmbeddedStoreConfiguration/upkeepInterval``; nil: not known yet, so that nothing is
    /// removed for its age.
    public var policy: @Sendable () -> RetentionPolicy? = { RetentionPolicy() }
    /// Writes into an encoded object when it will be removed (unix seconds; nil: never), and gives it back. Runs on the writer.
    public var stamp: @Sendable (EncodedObject, Int64?) -> EncodedObject = { object, _ in object }
    /// How an object is removed: deleted, or marked, or left because it is marked. Runs on the writer.
    public var retire: @Sendable (StoredObject) throws(StoreError) -> ObjectChange = { _ in .delete }

    /// Everything is kept for ever, unless told.
    public init() {}
}

/// Why retention removed an object.
public enum RetirementReason: String, Sendable, CaseIterable {
    /// Its time had come.
    case age
    /// The store was over its limit.
    case storeLimit = "store-limit"
    /// Its namespace was over its limit.
    case namespaceLimit = "namespace-limit"
}
