/// What a list says about itself: `ListMeta` of `meta.k8s.io/v1`.
public struct ListMetadata: Sendable, Hashable {
    /// The snapshot that all items show, also of an empty list; nil in the Table of a dry run.
    public var resourceVersion: ResourceVersion?
    /// Where the next page begins; nil at the end.
    public var continueToken: ContinueToken?
    /// How many items follow this page; only without selectors, and only if more follow.
    public var remainingItemCount: Int?

    /// Metadata of its parts.
    public init(
        resourceVersion: ResourceVersion?, continueToken: ContinueToken? = nil, remainingItemCount: Int? = nil
    ) {
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
    }

    func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.fieldIfPresent("resourceVersion", resourceVersion?.description)
        writer.fieldIfPresent("continue", continueToken?.encoded)
        writer.fieldIfPresent("remainingItemCount", remainingItemCount.map { Int64($0) })
        writer.endObject()
    }
}
