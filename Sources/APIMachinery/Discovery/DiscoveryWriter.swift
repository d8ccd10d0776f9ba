internal import Digests

/// Writes the discovery documents of one group version.
struct DiscoveryWriter {
    let groupVersion: GroupVersion
    let resources: [APIResourceDescription]

    func groupList() -> JSONWriter {
        document("APIGroupList") { writer in
            writer.array("groups") { writer in
                writer.beginObject()
                writeGroup(into: &writer)
                writer.endObject()
            }
        }
    }

    func groupDocument() -> JSONWriter {
        document("APIGroup") { writeGroup(into: &$0) }
    }

    func coreVersions() -> JSONWriter {
        document("APIVersions") { writer in
            writer.field("versions", [String]())
            writer.field("serverAddressByClientCIDRs", [String]())
        }
    }

    func resourceList() -> JSONWriter {
        document("APIResourceList") { writer in
            writer.field("groupVersion", groupVersion.description)
            writer.array("resources") { writer in
                for resource in resources {
                    write(resource, into: &writer)
                    for subresource in resource.subresources { write(subresource, of: resource, into: &writer) }
                }
            }
        }
    }

    /// An `APIGroupDiscoveryList` of the version `v2` or `v2beta1`.
    func aggregated(_ version: String, isEmpty: Bool = false) -> JSONWriter {
        document("APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/\(version)") { writer in
            writer.object("metadata") { _ in }
            writer.array("items") { writer in
                guard !isEmpty else { return }
                writer.beginObject()
                writer.object("metadata") { $0.field("name", groupVersion.group) }
                writer.array("versions") { writer in
                    writer.beginObject()
                    writer.field("version", groupVersion.version)
                    writer.array("resources") { writer in
                        for resource in resources { writeAggregated(resource, into: &writer) }
                    }
                    writer.field("freshness", "Current")
                    writer.endObject()
                }
                writer.endObject()
            }
        }
    }

    private func document(
        _ kind: String, apiVersion: String = "v1", _ body: (inout JSONWriter) -> Void
    ) -> JSONWriter {
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.field("kind", kind)
        writer.field("apiVersion", apiVersion)
        body(&writer)
        writer.endObject()
        return writer
    }

    private func writeGroup(into writer: inout JSONWriter) {
        writer.field("name", groupVersion.group)
        writer.array("versions") { writeVersion(into: &$0) }
        writer.key("preferredVersion")
        writeVersion(into: &writer)
    }

    private func writeVersion(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("groupVersion", groupVersion.description)
        writer.field("version", groupVersion.version)
        writer.endObject()
    }

    private func write(_ resource: APIResourceDescription, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", resource.plural)
        writer.field("singularName", resource.singular)
        writer.field("namespaced", resource.namespaced)
        writer.field("kind", resource.kind)
        writer.field("verbs", resource.verbs.sorted())
        writer.fieldIfPresent("shortNames", resource.shortNames)
        writer.fieldIfPresent("categories", resource.categories)
        let storageKind = "\(groupVersion)/\(resource.kind)"
        let hash = SHA256.digest(Array(storageKind.utf8)).prefix(8)
        writer.field("storageVersionHash", Base64.encode(Array(hash)))
        writer.endObject()
    }

    private func write(
        _ subresource: SubresourceDescription, of resource: APIResourceDescription, into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("name", "\(resource.plural)/\(subresource.name)")
        writer.field("singularName", "")
        writer.field("namespaced", resource.namespaced)
        if subresource.kind.groupVersion != groupVersion {
            writer.fieldIfPresent("group", subresource.kind.group)
            writer.field("version", subresource.kind.version)
        }
        writer.field("kind", subresource.kind.kind)
        writer.field("verbs", subresource.verbs.sorted())
        writer.endObject()
    }

    private func writeAggregated(_ resource: APIResourceDescription, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("resource", resource.plural)
        write(groupVersion.kind(resource.kind), into: &writer)
        writer.field("scope", resource.namespaced ? "Namespaced" : "Cluster")
        writer.field("singularResource", resource.singular)
        writer.field("verbs", resource.verbs.sorted())
        writer.fieldIfPresent("shortNames", resource.shortNames)
        writer.fieldIfPresent("categories", resource.categories)
        if !resource.subresources.isEmpty {
            writer.array("subresources") { writer in
                for subresource in resource.subresources {
                    writer.beginObject()
                    writer.field("subresource", subresource.name)
                    write(subresource.kind, into: &writer)
                    writer.field("verbs", subresource.verbs.sorted())
                    writer.endObject()
                }
            }
        }
        writer.endObject()
    }

    private func write(_ kind: GroupVersionKind, into writer: inout JSONWriter) {
        writer.object("responseKind") { writer in
            writer.field("group", kind.group)
            writer.field("version", kind.version)
            writer.field("kind", kind.kind)
        }
    }
}
