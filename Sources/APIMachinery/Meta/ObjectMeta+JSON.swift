extension ObjectMeta {
    /// Reads the value of `metadata`; members of the wrong type are reported and left out, unknown ones are ignored
    /// (the schema reports them), `null` counts as missing.
    ///
    /// - Parameters:
    ///   - json: the value; nil and `null` give empty metadata.
    ///   - path: where it is.
    ///   - errors: what is wrong is added here.
    public init(json: JSONValue?, path: FieldPath = FieldPath("metadata"), errors: inout FieldErrorList) {
        self.init()
        guard let json, !json.isNull else { return }
        guard let object = json.objectValue else {
            errors.append(.wrongType(path, json, expected: "object"))
            return
        }
        var reader = MemberReader(object, path: path)
        name = reader.string("name") ?? ""
        generateName = reader.string("generateName") ?? ""
        namespace = reader.string("namespace") ?? ""
        uid = reader.string("uid") ?? ""
        resourceVersion = reader.version("resourceVersion")
        generation = reader.integer("generation") ?? 0
        creationTimestamp = reader.time("creationTimestamp")
        deletionTimestamp = reader.time("deletionTimestamp")
        deletionGracePeriodSeconds = reader.integer("deletionGracePeriodSeconds")
        labels = reader.labels("labels") ?? Labels()
        annotations = reader.labels("annotations") ?? Labels()
        ownerReferences = reader.objects("ownerReferences") { OwnerReference(&$0) }
        finalizers = reader.strings("finalizers") ?? []
        managedFields = object["managedFields"].flatMap { $0.isNull ? nil : $0 }
        errors += reader.errors
    }

    /// Writes the metadata as a JSON object: members in the order of the type, empty ones left out, labels sorted.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.fieldIfPresent("name", name)
        writer.fieldIfPresent("generateName", generateName)
        writer.fieldIfPresent("namespace", namespace)
        writer.fieldIfPresent("uid", uid)
        writer.fieldIfPresent("resourceVersion", resourceVersion?.description)
        writer.fieldIfPresent("generation", generation == 0 ? nil : generation)
        writer.fieldIfPresent("creationTimestamp", creationTimestamp?.rfc3339())
        writer.fieldIfPresent("deletionTimestamp", deletionTimestamp?.rfc3339())
        writer.fieldIfPresent("deletionGracePeriodSeconds", deletionGracePeriodSeconds)
        writer.fieldIfPresent("labels", labels)
        writer.fieldIfPresent("annotations", annotations)
        if !ownerReferences.isEmpty {
            writer.array("ownerReferences") { writer in
                for reference in ownerReferences { reference.encode(into: &writer) }
            }
        }
        writer.fieldIfPresent("finalizers", finalizers)
        if let managedFields { writer.field("managedFields", managedFields) }
        writer.endObject()
    }

    /// The metadata as it is written, for comparisons.
    public var json: JSONValue {
        var writer = JSONWriter(capacity: 512)
        encode(into: &writer)
        return (try? JSONValue.parse(writer.bytes)) ?? .object([:])
    }
}

extension OwnerReference {
    init(_ reader: inout MemberReader) {
        self.init(
            apiVersion: reader.string("apiVersion") ?? "", kind: reader.string("kind") ?? "",
            name: reader.string("name") ?? "", uid: reader.string("uid") ?? "",
            controller: reader.bool("controller"), blockOwnerDeletion: reader.bool("blockOwnerDeletion"))
    }

    /// Writes the reference as a JSON object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("apiVersion", apiVersion)
        writer.field("kind", kind)
        writer.field("name", name)
        writer.field("uid", uid)
        writer.fieldIfPresent("controller", controller)
        writer.fieldIfPresent("blockOwnerDeletion", blockOwnerDeletion)
        writer.endObject()
    }
}

extension JSONWriter {
    /// A map of texts, keys sorted; nothing when empty.
    public mutating func fieldIfPresent(_ name: String, _ labels: Labels) {
        guard !labels.isEmpty else { return }
        object(name) { writer in
            for pair in labels { writer.field(pair.key, pair.value) }
        }
    }
}

extension MemberReader {
    fileprivate mutating func version(_ name: String) -> ResourceVersion? {
        guard let text = string(name), !text.isEmpty else { return nil }
        if let version = ResourceVersion(text) { return version }
        errors.append(.invalid(path.child(name), .text(text), "must be a decimal number of 64 bits"))
        return nil
    }

    fileprivate mutating func time(_ name: String) -> Timestamp? {
        guard let text = string(name), !text.isEmpty else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        errors.append(.typeInvalid(path.child(name), .text(text), "must be a time in RFC 3339 form"))
        return nil
    }

    fileprivate mutating func objects<Element>(
        _ name: String, _ make: (inout MemberReader) -> Element
    ) -> [Element] {
        var elements: [Element] = []
        for (index, element) in (array(name) ?? []).enumerated() {
            let place = path.child(name).index(index)
            guard let object = element.objectValue else {
                errors.append(.wrongType(place, element, expected: "object"))
                continue
            }
            var reader = MemberReader(object, path: place)
            elements.append(make(&reader))
            errors += reader.errors
        }
        return elements
    }
}
