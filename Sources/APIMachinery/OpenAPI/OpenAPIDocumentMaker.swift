/// Writes the document of one group version in one of the two forms.
struct OpenAPIDocumentMaker {
    let groupVersion: GroupVersion
    let resources: [OpenAPIResource]
    let dialect: OpenAPIDialect

    /// The whole document.
    func document() -> JSONValue {
        let paths = OpenAPIPaths(groupVersion: groupVersion, resources: resources)
        var definitions = OpenAPIDefinitions(dialect, kinds: kinds)
        // A kind is told though nothing can be done with it: kubectl explains it.
        for resource in resources {
            _ = definitions.schema(resource.schema.named(groupVersion.kind(resource.description.kind).definitionName))
        }
        let tag = paths.tag
        var items = JSONObject()
        for path in paths.all { items[path.path] = item(path, tag: tag, &definitions) }
        return assemble(.object(items), definitions.document)
    }

    private var kinds: [String: [GroupVersionKind]] {
        let core = GroupVersion(group: "", version: "v1")
        var kinds = [
            Schema.status.definitionName ?? "": [core.kind("Status")],
            Schema.apiResourceList.definitionName ?? "": [core.kind("APIResourceList")],
            Schema.deleteOptions.definitionName ?? "": [
                core.kind("DeleteOptions"), groupVersion.kind("DeleteOptions"),
            ],
        ]
        for resource in resources {
            let kind = groupVersion.kind(resource.description.kind)
            let list = groupVersion.kind(resource.description.kind + "List")
            kinds[kind.definitionName] = [kind]
            kinds[list.definitionName] = [list]
        }
        return kinds
    }

    private func assemble(_ paths: JSONValue, _ definitions: JSONValue) -> JSONValue {
        let info: JSONValue = [
            "title": .string("Kubernetes API group \(groupVersion.group)"), "version": .string(groupVersion.version),
        ]
        let scheme: JSONValue = [
            "BearerToken": [
                "description": "Bearer Token authentication", "type": "apiKey", "name": "authorization", "in": "header",
            ]
        ]
        let security: JSONValue = [["BearerToken": []]]
        switch dialect {
        case .v2:
            return [
                "swagger": "2.0", "info": info, "paths": paths, "definitions": definitions,
                "securityDefinitions": scheme, "security": security,
            ]
        case .v3:
            return [
                "openapi": "3.0.0", "info": info, "paths": paths,
                "components": ["schemas": definitions, "securitySchemes": scheme], "security": security,
            ]
        }
    }

    private func item(_ path: OpenAPIPath, tag: String, _ definitions: inout OpenAPIDefinitions) -> JSONValue {
        var item = JSONObject()
        for operation in path.operations {
            item[operation.method.rawValue] = self.operation(operation, tag: tag, &definitions)
        }
        if !path.parameters.isEmpty { item["parameters"] = .array(path.parameters.map { $0.document(dialect) }) }
        return .object(item)
    }

    private func operation(
        _ operation: OpenAPIOperation, tag: String, _ definitions: inout OpenAPIDefinitions
    ) -> JSONValue {
        var object: JSONObject = [
            "tags": [.string(tag)], "description": .string(operation.description), "operationId": .string(operation.id),
        ]
        var parameters = operation.parameters.map { $0.document(dialect) }
        if let body = operation.body {
            let isRequired = JSONValue.bool(operation.isBodyRequired)
            switch dialect {
            case .v2:
                object["consumes"] = .array(body.types.map { .string($0) })
                let schema = definitions.schema(body.schema)
                parameters.append(["name": "body", "in": "body", "required": isRequired, "schema": schema])
            case .v3:
                object["requestBody"] = ["content": content(body, &definitions), "required": isRequired]
            }
        }
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if dialect == .v2 {
            var types: [String] = []
            for type in operation.answers.flatMap(\.content.types) where !types.contains(type) { types.append(type) }
            object["produces"] = .array(types.map { .string($0) })
        }
        object["responses"] = responses(operation, &definitions)
        if let action = operation.action { object["x-kubernetes-action"] = .string(action) }
        if let kind = operation.kind { object["x-kubernetes-group-version-kind"] = kind.openAPI }
        return .object(object)
    }

    private func responses(_ operation: OpenAPIOperation, _ definitions: inout OpenAPIDefinitions) -> JSONValue {
        var responses = JSONObject()
        for answer in operation.answers {
            var response: JSONObject = ["description": .string(answer.description)]
            switch dialect {
            case .v2: response["schema"] = definitions.schema(answer.content.schema)
            case .v3: response["content"] = content(answer.content, &definitions)
            }
            responses[String(answer.code)] = .object(response)
        }
        responses["401"] = ["description": "Unauthorized"]
        return .object(responses)
    }

    private func content(_ content: OpenAPIOperation.Content, _ definitions: inout OpenAPIDefinitions) -> JSONValue {
        let schema = definitions.schema(content.schema)
        return .object(JSONObject(content.types.map { ($0, ["schema": schema]) }))
    }
}
