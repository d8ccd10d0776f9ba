internal import APIMachinery

/// What holds for every update of every resource (conformance 8.5): what is the server's, what can't be changed, what counts
/// as a change.
struct UpdateRules: Sendable {
    let context: ResourceContext
    let updater: any Updater
    let schema: Schema
    let validation: FieldValidation
    let warnings: WarningCollector
    /// Who writes.
    let writer: FieldWriter
    /// Keeps account of it.
    let owners: FieldManager

    init(
        _ context: ResourceContext, _ updater: any Updater, _ validation: FieldValidation, _ request: AuthorizedRequest,
        fieldManager: String
    ) {
        self.context = context
        self.updater = updater
        self.validation = validation
        warnings = request.warnings
        writer = request.writer(fieldManager, at: context.configuration.now())
        schema = updater.updateSchema.withFreeStatus
        owners = FieldManager(schema, apiVersion: context.apiVersion)
    }

    // MARK: Reading

    /// A stored object.
    func decode(_ current: EncodedObject) throws(StatusError) -> DecodedObject {
        var faults = FieldErrorList()
        let value: JSONValue
        do {
            value = try JSONValue.parse(current.json)
        } catch {
            throw StatusError.internalError("the stored object is not readable").caused(by: error)
        }
        let metadata = ObjectMeta(json: value["metadata"], errors: &faults)
        if let fault = faults.errors.first {
            throw StatusError.internalError("the stored object is not readable").caused(by: fault)
        }
        return DecodedObject(metadata: metadata, value: value)
    }

    /// A stored object as a client's would look after the check of its schema: comparable with one.
    func normalized(_ value: JSONValue) -> JSONValue {
        schema.check(value).value
    }

    /// An object that a patch has made of a stored one.
    func decode(_ patched: PatchedObject, _ key: ObjectKey) throws(StatusError) -> DecodedObject {
        let decoder = ObjectDecoder(context: context, schema: schema)
        let result = schema.check(try decoder.typed(patched.value))
        let strange = patched.strangeFields + result.unknownFields.map { "unknown field \($0.quoted)" }
        switch validation {
        case .ignore: break
        case .warn: for text in strange { warnings.add(text) }
        case .strict where strange.isEmpty: break
        case .strict:
            throw .invalid(
                GroupKind(group: "", kind: ""), name: "",
                [
                    .invalid(
                        FieldPath("patch"), .text(FieldError.Value.json(patched.value).description),
                        "strict decoding error: \(strange.joined(separator: ", "))")
                ])
        }
        let object = try object(result.value, result.errors, key)
        guard object.metadata.name == key.name else { throw .otherName(object.metadata.name, key) }
        return object
    }

    /// An object that fits its schema, of the namespace of the URL; 422 with all faults of its shape.
    func object(
        _ value: JSONValue, _ schemaFaults: FieldErrorList, _ key: ObjectKey
    ) throws(StatusError) -> DecodedObject {
        var unreadable = FieldErrorList()
        var metadata = ObjectMeta(json: value["metadata"], errors: &unreadable)
        let shape = schemaFaults.isEmpty ? unreadable : schemaFaults
        guard shape.isEmpty else { throw .invalid(context.groupKind, name: key.name, shape) }
        guard metadata.namespace.isEmpty || metadata.namespace == key.namespace else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
        metadata.namespace = key.namespace
        return DecodedObject(metadata: metadata, value: value)
    }

    // MARK: Judging

    /// A PUT of an object with another uid is meant for another object.
    func checkIdentity(of new: DecodedObject, against old: DecodedObject) throws(StatusError) {
        let uid = new.metadata.uid
        guard uid.isEmpty || uid == old.metadata.uid else {
            throw .conflict(
                context.groupResource, name: old.metadata.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.metadata.uid)")
        }
    }

    /// - Parameter fields: who owns what of the new state where an apply has settled that.
    func outcome(
        of new: inout DecodedObject, replacing old: DecodedObject, owned fields: ManagedFields? = nil
    ) throws(StatusError) -> ObjectUpdate.Outcome {
        let demand = OwnershipDemand(new.metadata.managedFields, stored: old.metadata.managedFields, settled: fields)
        // Kubernetes takes version 0 for none.
        if new.metadata.resourceVersion?.rawValue == 0 { new.metadata.resourceVersion = nil }
        if let version = new.metadata.resourceVersion, version != old.metadata.resourceVersion {
            throw .modified(context.groupResource, name: old.metadata.name)
        }
        restore(&new, from: old)
        let texts = updater.prepare(&new, replacing: old) + new.metadata.warnings()
        for text in texts { warnings.add(text) }
        let faults =
            new.metadata.validate(replacing: old.metadata) + updater.validate(new, replacing: old) + demand.faults
        guard faults.isEmpty else { throw .invalid(context.groupKind, name: old.metadata.name, faults) }
        let content = Self.content(new.value)
        let hasNewContent = content != Self.content(old.value)
        if hasNewContent, new.metadata.generation < .max { new.metadata.generation += 1 }
        new.metadata.managedFields = old.metadata.managedFields
        let isChanged = hasNewContent || new.metadata.encodedJSON != old.metadata.encodedJSON
        let isOwnedAnew = settle(demand, &new, replacing: old, isChanged: isChanged)
        guard isChanged || isOwnedAnew else { return .unchanged }
        try checkSize(new.metadata, content)
        let isLeaving = new.metadata.deletionTimestamp != nil && new.metadata.finalizers.isEmpty
        return isLeaving ? .removed(new) : .replaced(new)
    }

    /// Writes down who owns what now; false if that is as it was but for times.
    private func settle(
        _ demand: OwnershipDemand, _ new: inout DecodedObject, replacing old: DecodedObject, isChanged: Bool
    ) -> Bool {
        guard isChanged || demand.isOfItsOwn else { return false }
        var fields = demand.fields
        if !demand.isSettled, !fields.isEmpty {
            fields =
                isChanged
                ? owners.updated(fields, from: old.complete, to: new.complete, by: writer) : owners.current(fields)
        }
        let isOwnedAnew = !fields.isSame(as: demand.stored)
        if isChanged || isOwnedAnew { new.metadata.managedFields = fields.json }
        return isOwnedAnew
    }

    /// Gives the object what only the server says, where a client left it out or may not say otherwise
    /// (Kubernetes' `rest.BeforeUpdate`).
    private func restore(_ new: inout DecodedObject, from old: DecodedObject) {
        let before = old.metadata
        if new.metadata.uid.isEmpty { new.metadata.uid = before.uid }
        new.metadata.creationTimestamp = before.creationTimestamp
        new.metadata.generation = before.generation
        if before.deletionTimestamp != nil { new.metadata.deletionTimestamp = before.deletionTimestamp }
        if new.metadata.deletionGracePeriodSeconds == nil {
            new.metadata.deletionGracePeriodSeconds = before.deletionGracePeriodSeconds
        }
        guard var members = new.value.objectValue else { return }
        members["status"] = old.value["status"]
        new.value = .object(members)
    }

    /// An object that grows by one patch after another must end somewhere.
    private func checkSize(_ metadata: ObjectMeta, _ content: JSONObject) throws(StatusError) {
        let limit = updater.updateBodyLimit
        let bytes = metadata.encodedJSON.count + JSONValue.object(content).encoded().count
        if bytes > limit { throw .requestEntityTooLarge(limit: limit) }
    }

    /// Everything but what is compared elsewhere: a change of it counts up the generation.
    private static func content(_ value: JSONValue) -> JSONObject {
        var members = value.objectValue ?? JSONObject()
        for name in ["apiVersion", "kind", "metadata", "status"] { members[name] = nil }
        return members
    }
}

extension StatusError {
    /// 400: the object is not that of the URL.
    static func otherName(_ name: String, _ key: ObjectKey) -> StatusError {
        .badRequest(
            name.isEmpty
                ? "the name of the object (\(key.name) based on URL) was undeterminable: name must be provided"
                : "the name of the object (\(name)) does not match the name on the URL (\(key.name))")
    }
}

extension Schema {
    /// The type with a `status` of any shape: what a client sends there is replaced by what is stored, so nobody judges it.
    fileprivate var withFreeStatus: Schema {
        guard case .object(var rules) = shape else { return self }
        rules.fields = rules.fields.map { $0.name == "status" ? Field("status", .any) : $0 }
        var schema = self
        schema.shape = .object(rules)
        return schema
    }
}

extension ObjectMeta {
    /// As it is stored: compared by bytes, as `==` takes canonically equivalent texts for equal.
    var encodedJSON: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        encode(into: &writer)
        return writer.bytes
    }
}
