internal import APIMachinery

/// What the handlers of one resource share: its names in the forms that answers need, its storage, the configuration.
///
/// A class, so that a request passes on one reference.
final class ResourceContext: Sendable {
    let groupVersion: GroupVersion
    let resource: APIResource
    let description: ResourceDescription
    let columns: [TableColumn]
    let configuration: HandlerConfiguration
    /// `widgets.example.io`, as error messages name it.
    let groupResource: GroupResource
    /// `Widget.example.io`, as validation messages name it.
    let groupKind: GroupKind
    /// `example.io/v1`.
    let apiVersion: String
    /// The fields that field selectors may name.
    let selectableFields: Set<String>
    let freshness: FreshnessGate
    let watchSeries: WatchMetrics.Series?
    let watchLines = SharedWatchLines()

    init(groupVersion: GroupVersion, resource: APIResource, configuration: HandlerConfiguration) {
        self.groupVersion = groupVersion
        self.resource = resource
        self.configuration = configuration
        description = resource.storage.description
        columns = resource.storage.columns
        groupResource = GroupResource(group: groupVersion.group, resource: description.plural)
        groupKind = GroupKind(group: groupVersion.group, kind: description.kind)
        apiVersion = groupVersion.description
        selectableFields = description.selectableFields.union(["metadata.name", "metadata.namespace"])
        freshness = FreshnessGate(configuration)
        watchSeries = configuration.watchMetrics?.series(
            group: groupVersion.group, version: groupVersion.version, resource: description.plural)
    }

    /// What the request's path asks for: one namespace, or all.
    func scope(_ request: AuthorizedRequest) -> ListScope {
        ListScope(namespace: request.info.namespace.isEmpty ? nil : request.info.namespace)
    }

    /// Refuses with 405 whatever the storage can't do.
    func require<Capability>(_ capability: Capability?, _ verb: Verb) throws -> Capability {
        guard let capability else { throw StatusError.methodNotAllowed(groupResource) }
        if let reason = description.refusedVerbs[verb] {
            throw StatusError.methodNotAllowed(groupResource, because: reason)
        }
        return capability
    }
}
