/// The paths of one group version: exactly the operations that its resources serve, named as kube-apiserver names them.
struct OpenAPIPaths {
    let groupVersion: GroupVersion
    let resources: [OpenAPIResource]

    private var root: String { "/apis/\(groupVersion)" }

    /// `ProfefeIoV1`; `k8s.io` at a group's end is left out.
    private var identifier: String { Self.words(groupVersion.group) + Self.capitalized(groupVersion.version) }

    /// The tag of every operation: `profefeIo_v1`.
    var tag: String {
        let words = Self.words(groupVersion.group)
        return words.prefix(1).lowercased() + words.dropFirst() + "_" + groupVersion.version
    }

    /// All of them, sorted by path.
    var all: [OpenAPIPath] {
        ([discovery] + resources.flatMap { paths(of: $0) })
            .filter { !$0.operations.isEmpty }
            .sorted { $0.path.precedesBytewise($1.path) }
    }

    private var discovery: OpenAPIPath {
        let operation = OpenAPIOperation(
            method: .get, id: "get\(identifier)APIResources", description: "get available resources",
            answers: [OpenAPIOperation.Answer(code: 200, description: "OK", content: .object(.apiResourceList))])
        return OpenAPIPath(path: root + "/", parameters: [], operations: [operation])
    }

    private func paths(of resource: OpenAPIResource) -> [OpenAPIPath] {
        let names = resource.description
        let maker = OpenAPIOperationMaker(resource, groupVersion: groupVersion, identifier: identifier)
        let collection = names.namespaced ? "\(root)/namespaces/{namespace}/\(names.plural)" : "\(root)/\(names.plural)"
        let scope = names.namespaced ? [OpenAPIParameter.namespace] : []
        let one = [OpenAPIParameter.name(names.kind)] + scope
        var paths = [
            OpenAPIPath(path: collection, parameters: scope + [.pretty], operations: maker.collection),
            OpenAPIPath(path: "\(collection)/{name}", parameters: one + [.pretty], operations: maker.object),
        ]
        if names.namespaced {
            paths.append(
                OpenAPIPath(path: "\(root)/\(names.plural)", parameters: [.pretty], operations: maker.everywhere))
        }
        for subresource in names.subresources {
            paths.append(
                OpenAPIPath(
                    path: "\(collection)/{name}/\(subresource.name)", parameters: one,
                    operations: maker.connections(subresource)))
        }
        return paths
    }

    /// `profefe.io` as `ProfefeIo`, `rbac.authorization.k8s.io` as `RbacAuthorization`.
    private static func words(_ group: String) -> String {
        let stem = group.hasSuffix(".k8s.io") ? group.dropLast(7) : group[...]
        return stem.split { !$0.isLetter && !$0.isNumber }.map { capitalized(String($0)) }.joined()
    }

    private static func capitalized(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }
}
