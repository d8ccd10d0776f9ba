internal import APIMachinery
internal import Digests
internal import HTTPTransport
internal import NIOHTTP1

/// `POST` to a collection (conformance 8.4), its checks in kube-apiserver's order: what can be answered, what is sent, is it
/// the right kind, are there strange fields, is it the right namespace; then all faults of metadata and schema at once.
struct CreateHandler: Sendable {
    let context: ResourceContext
    let creator: any Creator

    func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let output = try ObjectOutput(request, context: context)
        let options = try CreateOptions(query: request.query)
        let reader = try RequestBodyReader(request)
        let bytes = try await reader.bytes(limit: creator.bodyLimit)
        let object =
            bytes.count <= Self.smallBody
            ? try decode(bytes, reader, options, request)
            : try await offEventLoop { try decode(bytes, reader, options, request) }
        return try output.response(try await admitted(object, options, request), status: .created)
    }

    /// Bytes that are decoded on the event loop: a hop would cost more.
    private static let smallBody = 16 << 10

    private func decode(
        _ bytes: [UInt8], _ reader: RequestBodyReader, _ options: CreateOptions, _ request: AuthorizedRequest
    ) throws -> DecodedObject {
        let decoder = ObjectDecoder(context: context, schema: creator.schema)
        let (value, faults) = try decoder.decode(bytes, reader, options.fieldValidation, request.warnings)
        var object = try prepare(value, faults, request)
        let writer = request.writer(options.fieldManager, at: context.configuration.now())
        object.metadata.managedFields = nil
        object.metadata.managedFields =
            FieldManager(creator.schema, apiVersion: context.apiVersion).created(object.complete, by: writer).json
        return object
    }

    /// The object that an apply makes under a name that nobody has.
    func create(
        _ applied: AppliedObject, owned fields: ManagedFields, _ options: PatchOptions, _ request: AuthorizedRequest,
        _ key: ObjectKey
    ) async throws -> EncodedObject {
        let result = creator.schema.check(applied.forCreation)
        let name = result.value["metadata"]?["name"]?.stringValue ?? ""
        guard name == key.name else { throw StatusError.otherName(name, key) }
        var object = try prepare(result.value, result.errors, request)
        object.metadata.managedFields = fields.json
        var creation = CreateOptions()
        creation.dryRun = options.dryRun
        creation.fieldManager = options.fieldManager
        creation.fieldValidation = options.fieldValidation
        return try await admitted(object, creation, request)
    }

    /// Stores the object if nothing has an objection.
    private func admitted(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        try await context.configuration.creation.admission.creating(
            attributes(of: object, options, request)
        ) { try await store(object, options, request) }
    }

    /// The object with the server's metadata, or 422 with everything that is wrong with it.
    private func prepare(
        _ value: JSONValue, _ schemaFaults: FieldErrorList, _ request: AuthorizedRequest
    ) throws -> DecodedObject {
        var unreadable = FieldErrorList()
        var metadata = ObjectMeta(json: value["metadata"], errors: &unreadable)
        // The schema has told of the metadata's shape already; what it let pass and can't be read is told once.
        let shape = schemaFaults.isEmpty ? unreadable : schemaFaults
        guard shape.isEmpty else { throw StatusError.invalid(context.groupKind, name: metadata.name, shape) }
        try checkNamespace(&metadata, request)
        if metadata.resourceVersion != nil {
            throw StatusError.badRequest("resourceVersion should not be set on objects to be created")
        }
        beginLife(&metadata)
        for text in metadata.warnings() { request.warnings.add(text) }
        let object = DecodedObject(metadata: metadata, value: value)
        let faults = metadataFaults(metadata) + creator.validate(object, request)
        guard faults.isEmpty else { throw StatusError.invalid(context.groupKind, name: metadata.name, faults) }
        return object
    }

    /// The URL's namespace is the object's; one that says otherwise is refused.
    private func checkNamespace(_ metadata: inout ObjectMeta, _ request: AuthorizedRequest) throws {
        let namespace = request.info.namespace
        guard metadata.namespace.isEmpty || metadata.namespace == namespace else {
            throw StatusError.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        metadata.namespace = namespace
    }

    /// Sets what only the server says about a new object, and clears what a client can't say.
    private func beginLife(_ metadata: inout ObjectMeta) {
        metadata.uid = uuidV4()
        metadata.creationTimestamp = context.configuration.now()
        metadata.generation = 1
        metadata.deletionTimestamp = nil
        metadata.deletionGracePeriodSeconds = nil
    }

    /// What is wrong with the metadata; of a name only where it is the client's, or made of the client's prefix.
    private func metadataFaults(_ metadata: ObjectMeta) -> FieldErrorList {
        var metadata = metadata
        var rule = creator.nameRule
        if metadata.name.isEmpty, context.description.naming == .byStorage {
            metadata.name = "chosen-later"
            rule = { _ in [] }
        } else if metadata.name.isEmpty, !metadata.generateName.isEmpty {
            metadata.name = context.configuration.names.make(metadata.generateName)
        }
        return metadata.validate(namespaced: context.description.namespaced, nameRule: rule)
    }

    private func attributes(
        of object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) -> AdmissionAttributes {
        let metadata = object.metadata
        return AdmissionAttributes(
            user: request.user, resource: context.groupResource, namespace: metadata.namespace,
            name: metadata.name.isEmpty ? metadata.generateName : metadata.name, isDryRun: options.dryRun)
    }

    /// Stores the object; under a generated name, tries others while the name is taken.
    private func store(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        guard object.metadata.name.isEmpty, context.description.naming == .byClient else {
            return try await creator.create(object, options, request)
        }
        var object = object
        for _ in 0..<NameGenerator.attempts {
            object.metadata.name = context.configuration.names.make(object.metadata.generateName)
            do {
                return try await creator.create(object, options, request)
            } catch let error as StatusError where error.reason == .alreadyExists {
                continue
            }
        }
        throw StatusError.generateNameConflict(context.groupResource, name: object.metadata.name)
    }
}
