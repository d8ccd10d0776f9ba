public import APIMachinery

/// Asks for one page of a list.
public struct ObjectQuery: Sendable {
    /// The plural resource name.
    public var resource: String
    /// Only this namespace; nil for all.
    public var namespace: String?
    /// Only objects whose labels match.
    public var labelSelector: LabelSelector
    /// Only objects whose fields match. `metadata.name` and `metadata.namespace` are understood.
    public var fieldSelector: FieldSelector
    /// Only objects with a greater key: the last key of the page before.
    public var after: ObjectKey?
    /// The state to read: exactly that after this version's commit; nil for the latest. The pages of one list pass the
    /// snapshot that the first page returned.
    public var snapshot: ResourceVersion?
    /// At most so many objects; 0 or less for all of them. A caller that streams should ask in pages.
    public var limit: Int
    /// What the page before said was remaining, if the caller kept it: spares counting on later pages.
    public var remainingBefore: Int?
    /// What of the objects is wanted; nil for all of them. Else they have their key, these parts of ``StoredObject/object`` at least, and
    /// nothing else that is to be relied on.
    public var parts: EncodedObject.Parts?

    /// A query of its parts.
    public init(
        resource: String, namespace: String? = nil, labelSelector: LabelSelector = .everything,
        fieldSelector: FieldSelector = .everything, after: ObjectKey? = nil, snapshot: ResourceVersion? = nil,
        limit: Int = 0, remainingBefore: Int? = nil, parts: EncodedObject.Parts? = nil
    ) {
        self.resource = resource
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.after = after
        self.snapshot = snapshot
        self.limit = limit
        self.remainingBefore = remainingBefore
        self.parts = parts
    }
}

/// One page of a list.
public struct ObjectPage: Sendable {
    /// The objects, by key.
    public var items: [StoredObject]
    /// The version whose state this is; at least that of every item.
    public var snapshot: ResourceVersion
    /// Whether more matching objects follow.
    public var more: Bool
    /// How many objects follow this page; nil with selectors, where counting would cost as much as reading.
    public var remaining: Int?

    /// A page of its parts.
    public init(items: [StoredObject], snapshot: ResourceVersion, more: Bool, remaining: Int?) {
        self.items = items
        self.snapshot = snapshot
        self.more = more
        self.remaining = remaining
    }
}
