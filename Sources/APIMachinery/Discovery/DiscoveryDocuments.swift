internal import Digests

/// The discovery documents of one group version (conformance 6), made once and then only read: they must be there
/// before the store is, and never fail.
public struct DiscoveryDocuments: Sendable {
    /// One document.
    public struct Document: Sendable, Hashable {
        /// Its JSON, with a newline at its end.
        public let json: [UInt8]
        /// The quoted hash of the bytes: the same on every replica.
        public let etag: String

        init(_ writer: JSONWriter) {
            json = writer.bytes + [UInt8(ascii: "\n")]
            etag = "\"\(SHA256.hex(json).uppercased())\""
        }
    }

    /// The group version they tell of.
    public let groupVersion: GroupVersion
    /// `/apis` in plain form: an `APIGroupList`.
    public let groupList: Document
    /// `/apis/GROUP`: an `APIGroup`.
    public let group: Document
    /// `/apis/GROUP/VERSION`: an `APIResourceList`; the aggregator's health probe.
    public let resourceList: Document
    /// `/api` in plain form: `APIVersions` without any.
    public let coreVersions: Document
    /// `/apis` in aggregated form, by version of `apidiscovery.k8s.io`.
    private let aggregated: [String: Document]
    /// `/api` in aggregated form: no items.
    private let aggregatedCore: [String: Document]

    /// The documents for the resources of a group version.
    public init(_ groupVersion: GroupVersion, resources: [APIResourceDescription]) {
        self.groupVersion = groupVersion
        let writer = DiscoveryWriter(groupVersion: groupVersion, resources: resources)
        groupList = Document(writer.groupList())
        group = Document(writer.groupDocument())
        resourceList = Document(writer.resourceList())
        coreVersions = Document(writer.coreVersions())
        let versions = DiscoveryForm.aggregatedVersions
        aggregated = Dictionary(uniqueKeysWithValues: versions.map { ($0, Document(writer.aggregated($0))) })
        aggregatedCore = Dictionary(
            uniqueKeysWithValues: versions.map { ($0, Document(writer.aggregated($0, isEmpty: true))) })
    }

    /// The document of `/apis` in the negotiated form.
    public func apis(_ form: DiscoveryForm) -> Document {
        if case .aggregated(let version) = form { return aggregated[version] ?? groupList }
        return groupList
    }

    /// The document of `/api` in the negotiated form.
    public func api(_ form: DiscoveryForm) -> Document {
        if case .aggregated(let version) = form { return aggregatedCore[version] ?? coreVersions }
        return coreVersions
    }

    /// The document of `/`: the paths there are, sorted. `other` are those beside the API, such as `/healthz`.
    public func rootPaths(other: [String]) -> Document {
        let own = ["/apis", "/apis/\(groupVersion.group)", "/apis/\(groupVersion)"]
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.field("paths", Set(own + other).sorted { $0.precedesBytewise($1) })
        writer.endObject()
        return Document(writer)
    }
}
