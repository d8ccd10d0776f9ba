public import APIMachinery

/// Which objects of a resource: those of one namespace, or all.
public struct ListScope: Sendable, Hashable {
    /// The namespace; nil means all of them, or a resource without namespaces.
    public var namespace: String?

    /// All namespaces, or the one given.
    public init(namespace: String? = nil) {
        self.namespace = namespace
    }
}

/// A question for one page of a list.
public struct ListQuery: Sendable {
    /// The namespace, or all.
    public var scope: ListScope
    /// Labels to match.
    public var labelSelector: LabelSelector
    /// Fields to match; the handler has checked that the resource knows them.
    public var fieldSelector: FieldSelector
    /// The state to read; nil means the newest, and the page tells which that was.
    public var snapshot: ResourceVersion?
    /// Where the page starts: behind this key.
    public var after: ObjectKey?
    /// How many matching objects at most; always positive.
    public var limit: Int
    /// What the page before said was remaining: spares the storage counting again.
    public var remainingBefore: Int?
    /// What of the objects is needed; the page may have more.
    public var parts: EncodedObject.Parts

    /// A question for one page.
    public init(
        scope: ListScope, labelSelector: LabelSelector, fieldSelector: FieldSelector, snapshot: ResourceVersion?,
        after: ObjectKey?, limit: Int, parts: EncodedObject.Parts = .all
    ) {
        self.scope = scope
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.snapshot = snapshot
        self.after = after
        self.limit = limit
        self.parts = parts
    }
}

/// One page of a list.
public struct ListPage: Sendable {
    /// The objects, sorted by (namespace, name) bytewise.
    public var items: [EncodedObject]
    /// The state they were read from: at least every item's version.
    public var snapshot: ResourceVersion
    /// The key of the last item, if more may follow it; nil at the end.
    public var next: ObjectKey?
    /// How many objects follow, where the query has no selector and the storage knows.
    public var remaining: Int?

    /// A page.
    public init(items: [EncodedObject], snapshot: ResourceVersion, next: ObjectKey?, remaining: Int? = nil) {
        self.items = items
        self.snapshot = snapshot
        self.next = next
        self.remaining = remaining
    }
}

extension ListQuery {
    /// The question for the page behind `page`, of the same state; nil if that was the last.
    public func following(_ page: ListPage) -> ListQuery? {
        guard let next = page.next else { return nil }
        var query = self
        query.snapshot = page.snapshot
        query.after = next
        query.remainingBefore = page.remaining
        return query
    }
}
