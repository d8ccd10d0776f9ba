/// Makes the operations of one resource, of the verbs it serves.
struct OpenAPIOperationMaker {
    private typealias Parameter = OpenAPIParameter

    private let names: APIResourceDescription
    private let verbs: Set<String>
    private let patchTypes: [String]
    private let kind: GroupVersionKind
    private let identifier: String
    private let schema: Schema
    private let list: Schema

    /// - Parameter identifier: the group version in operation ids, `ProfefeIoV1`.
    init(_ resource: OpenAPIResource, groupVersion: GroupVersion, identifier: String) {
        names = resource.description
        verbs = Set(resource.description.verbs)
        patchTypes = resource.patchTypes
        kind = groupVersion.kind(resource.description.kind)
        self.identifier = identifier
        schema = resource.schema.named(kind.definitionName)
        list = .list(of: schema, kind: kind)
    }

    /// `Namespaced` where operation ids have it.
    private var scoped: String { (names.namespaced ? "Namespaced" : "") + names.kind }

    /// Of the collection in one namespace, or of a cluster's.
    var collection: [OpenAPIOperation] {
        var operations: [OpenAPIOperation] = []
        if verbs.contains("list") { operations.append(listing(id: "list\(identifier)\(scoped)")) }
        if verbs.contains("create") {
            operations.append(
                make(
                    .post, "post", "create\(identifier)\(scoped)", "create a \(names.kind)", Parameter.write,
                    body: .object(schema), answers: [answer(201, "Created", schema)]))
        }
        if verbs.contains("deletecollection") {
            var operation = make(
                .delete, "deletecollection", "delete\(identifier)Collection\(scoped)",
                "delete collection of \(names.kind)", Parameter.delete + Parameter.list, body: .object(.deleteOptions),
                answers: [answer(200, "OK: what was deleted", list)])
            operation.isBodyRequired = false
            operations.append(operation)
        }
        return operations
    }

    /// Of a namespaced resource over all namespaces.
    var everywhere: [OpenAPIOperation] {
        verbs.contains("list") ? [listing(id: "list\(identifier)\(names.kind)ForAllNamespaces")] : []
    }

    /// Of one object.
    var object: [OpenAPIOperation] {
        var operations: [OpenAPIOperation] = []
        if verbs.contains("get") {
            operations.append(
                make(
                    .get, "get", "read\(identifier)\(scoped)", "read the specified \(names.kind)", Parameter.get,
                    answers: [answer(200, "OK", schema)]))
        }
        if verbs.contains("update") {
            operations.append(
                make(
                    .put, "put", "replace\(identifier)\(scoped)", "replace the specified \(names.kind)",
                    Parameter.write,
                    body: .object(schema), answers: [answer(200, "OK", schema)]))
        }
        if verbs.contains("patch"), !patchTypes.isEmpty { operations.append(patching) }
        if verbs.contains("delete") {
            var operation = make(
                .delete, "delete", "delete\(identifier)\(scoped)", "delete a \(names.kind)", Parameter.delete,
                body: .object(.deleteOptions),
                answers: [answer(200, "OK: a Status, or the object where finalizers are left", .status)])
            operation.isBodyRequired = false
            operations.append(operation)
        }
        return operations
    }

    /// Of a subresource with bodies of its own.
    func connections(_ subresource: SubresourceDescription) -> [OpenAPIOperation] {
        let methods: [(verb: String, method: OpenAPIOperation.Method)] = [
            ("get", .get), ("update", .put), ("create", .post), ("delete", .delete), ("patch", .patch),
        ]
        return methods.filter { subresource.verbs.contains($0.verb) }.map { _, method in
            let word = method.rawValue.prefix(1).uppercased() + method.rawValue.dropFirst()
            let name = subresource.name.prefix(1).uppercased() + subresource.name.dropFirst()
            return OpenAPIOperation(
                method: method, action: "connect", kind: subresource.kind,
                id: "connect\(identifier)\(word)\(scoped)\(name)",
                description: "connect \(word.uppercased()) requests to \(subresource.name) of \(names.kind)",
                body: method == .get || method == .delete ? nil : .bytes,
                answers: [
                    OpenAPIOperation.Answer(code: method == .post ? 201 : 200, description: "OK", content: .bytes)
                ])
        }
    }

    private func listing(id: String) -> OpenAPIOperation {
        let watches = verbs.contains("watch")
        var types = OpenAPIOperation.Content.object(list).types
        if watches { types.append("application/json;stream=watch") }
        let content = OpenAPIOperation.Content(types: types, schema: list)
        return make(
            .get, "list", id,
            watches ? "list or watch objects of kind \(names.kind)" : "list objects of kind \(names.kind)",
            Parameter.list + (watches ? Parameter.watch : []),
            answers: [OpenAPIOperation.Answer(code: 200, description: "OK", content: content)])
    }

    /// kubectl looks here for `fieldValidation` and `dryRun` before it trusts the server with validation and dry runs, and
    /// takes a strategic merge patch where that is told.
    private var patching: OpenAPIOperation {
        let applies = patchTypes.contains { $0.hasPrefix("application/apply-patch") }
        return make(
            .patch, "patch", "patch\(identifier)\(scoped)", "partially update the specified \(names.kind)",
            Parameter.write + (applies ? [.force] : []),
            body: OpenAPIOperation.Content(types: patchTypes, schema: .patch),
            answers: [answer(200, "OK", schema)] + (applies ? [answer(201, "Created", schema)] : []))
    }

    private func make(
        _ method: OpenAPIOperation.Method, _ action: String, _ id: String, _ description: String,
        _ parameters: [OpenAPIParameter], body: OpenAPIOperation.Content? = nil, answers: [OpenAPIOperation.Answer]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: method, action: action, kind: kind, id: id, description: description,
            parameters: parameters.sorted { $0.name.precedesBytewise($1.name) }, body: body, answers: answers)
    }

    private func answer(_ code: Int, _ description: String, _ schema: Schema) -> OpenAPIOperation.Answer {
        OpenAPIOperation.Answer(code: code, description: description, content: .object(schema))
    }
}
