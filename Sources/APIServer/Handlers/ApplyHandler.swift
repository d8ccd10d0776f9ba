internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// Server-side apply of one object (conformance 8.7): a `PATCH` with `application/apply-patch+yaml`.
///
/// An object that isn't there is created, if the user may create: 201.
struct ApplyHandler: Sendable {
    let context: ResourceContext
    let updater: any Updater

    /// How often an object that others create and delete at the same time is looked for.
    private static let attempts = 5

    func respond(to request: AuthorizedRequest, key: ObjectKey) async throws -> APIResponse {
        let output = try ObjectOutput(request, context: context)
        let options = try PatchOptions(query: request.query, isApply: true)
        let bytes = try await RequestBodyReader.bytes(of: request, limit: updater.updateBodyLimit)
        let (applied, change) = try await offEventLoop { try demand(bytes, options, request, key) }
        for _ in 0..<Self.attempts {
            do {
                return try output.response(try await updater.update(key, change, dryRun: options.dryRun, request))
            } catch let error as StatusError where error.reason == .notFound {
                guard let creator = updater as? any Creator else { throw error }
                try checkIdentity(of: applied, key)
                try await context.configuration.creation.authorizeCreation(of: key, by: request)
                let handler = CreateHandler(context: context, creator: creator)
                let fields = change.rules.owners.created(applied)
                do {
                    let object = try await handler.create(applied, owned: fields, options, request, key)
                    return try output.response(object, status: .created)
                } catch let error as StatusError where error.reason == .alreadyExists {
                    continue
                }
            }
        }
        throw StatusError.modified(context.groupResource, name: key.name)
    }

    /// What the body asks for. Not for an event loop: bodies have up to megabytes.
    private func demand(
        _ bytes: [UInt8], _ options: PatchOptions, _ request: AuthorizedRequest, _ key: ObjectKey
    ) throws -> (AppliedObject, ObjectUpdate) {
        let rules = UpdateRules(
            context, updater, options.fieldValidation, request, fieldManager: options.fieldManager)
        let value = try ApplyBody(context: context).decode(bytes, options.fieldValidation, request.warnings)
        let applied: AppliedObject
        do throws(TypedFault) {
            applied = try AppliedObject(value, by: rules.writer, force: options.force, rules.owners)
        } catch {
            let place = key.namespace.isEmpty ? key.name : "\(key.namespace)/\(key.name)"
            throw StatusError.badRequest(
                "failed to create typed patch object (\(place); \(context.apiVersion), "
                    + "Kind=\(context.description.kind)): \(error)")
        }
        return (applied, ObjectUpdate(.apply(applied), bytes: bytes.count, key: key, rules: rules))
    }

    /// An object that is meant by its uid is not made anew.
    private func checkIdentity(of applied: AppliedObject, _ key: ObjectKey) throws(StatusError) {
        guard let uid = applied.value["metadata"]?["uid"]?.stringValue, !uid.isEmpty else { return }
        throw .conflict(
            context.groupResource, name: key.name,
            "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
    }
}

/// Reads the body of an apply: YAML, of which JSON is a part.
struct ApplyBody: Sendable {
    let context: ResourceContext

    /// The object, known to be of the right kind.
    ///
    /// - Throws: 400 for what is no YAML, another kind, or brings `managedFields`; with strict validation also for fields that
    ///   are given twice.
    func decode(
        _ bytes: [UInt8], _ validation: FieldValidation, _ warnings: WarningCollector
    ) throws(StatusError) -> JSONValue {
        let document = try document(bytes)
        let value = document.value
        guard value.objectValue != nil || value.isNull else {
            throw .badRequest("error decoding YAML: the body is \(value.typeName), not an object")
        }
        let (apiVersion, kind) = (value["apiVersion"]?.stringValue ?? "", value["kind"]?.stringValue ?? "")
        guard apiVersion == context.apiVersion, kind == context.description.kind else {
            let version = apiVersion.contains("/") || apiVersion.isEmpty && kind.isEmpty ? apiVersion : "/\(apiVersion)"
            throw .badRequest("invalid object type: \(version.isEmpty ? "/" : version), Kind=\(kind)")
        }
        if let managed = value["metadata"]?["managedFields"], !managed.isNull {
            throw .badRequest("metadata.managedFields must be nil")
        }
        let twice = document.duplicateFields.map { "duplicate field \($0.quoted)" }
        switch validation {
        case .ignore: break
        case .warn: for text in twice { warnings.add(text) }
        case .strict where twice.isEmpty: break
        case .strict: throw .badRequest("error strict decoding YAML: \(twice.joined(separator: ", "))")
        }
        return value
    }

    /// JSON, which most clients send, is read as such: it is quicker.
    private func document(_ bytes: [UInt8]) throws(StatusError) -> JSONDocument {
        if bytes.first == UInt8(ascii: "{"), let document = try? JSONParser.parse(bytes) { return document }
        do throws(YAMLError) {
            return try YAML.parse(bytes)
        } catch {
            if error.code == .empty { return JSONDocument(value: .null, duplicateFields: []) }
            throw .badRequest("error decoding YAML: \(error)")
        }
    }
}
