internal import APIMachinery

extension AuditEvent {
    /// The event as one line of JSON, newline included; without its objects, and marked so, if it would be longer than `limit`.
    ///
    /// Decodes the bodies: never on an event loop.
    func line(limit: Int) -> [UInt8] {
        var reference = facts.object
        let sent = requestBody?.value()
        if let metadata = sent?["metadata"] { reference?.complete(from: metadata) }
        let isWanted = facts.object != nil
        let request = isWanted && facts.level >= .request ? sent : nil
        let response = isWanted && facts.level >= .requestResponse ? responseBody?.value() : nil
        let whole = encoded(reference, request, response, annotations)
        guard whole.count > limit, request != nil || response != nil else { return whole }
        var marked = annotations
        marked[Self.truncatedKey] = "true"
        return encoded(reference, nil, nil, marked)
    }

    private func encoded(
        _ reference: AuditFacts.ObjectReference?, _ request: JSONValue?, _ response: JSONValue?,
        _ annotations: [String: String]
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.field("kind", "Event")
        writer.field("apiVersion", "audit.k8s.io/v1")
        writer.field("level", facts.level.rawValue)
        writer.field("auditID", facts.auditID)
        writer.field("stage", stage.rawValue)
        writer.field("requestURI", facts.requestURI)
        writer.field("verb", facts.verb)
        writer.object("user") { facts.user?.encode(into: &$0) }
        if let user = facts.impersonatedUser { writer.object("impersonatedUser") { user.encode(into: &$0) } }
        writer.fieldIfPresent("sourceIPs", facts.sourceIPs)
        writer.fieldIfPresent("userAgent", facts.userAgent)
        if let reference { writer.object("objectRef") { reference.encode(into: &$0) } }
        if let status { writer.object("responseStatus") { status.encodeForAudit(into: &$0) } }
        if let request { writer.field("requestObject", recorded(request)) }
        if let response { writer.field("responseObject", recorded(response)) }
        writer.field("requestReceivedTimestamp", facts.receivedAt.rfc3339(fraction: .micro))
        writer.field("stageTimestamp", stageTime.rfc3339(fraction: .micro))
        if !annotations.isEmpty {
            writer.object("annotations") { writer in
                for (key, value) in annotations.sorted(by: { $0.key < $1.key }) { writer.field(key, value) }
            }
        }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private func recorded(_ value: JSONValue) -> JSONValue {
        omitsManagedFields ? value.withoutManagedFields() : value
    }
}

extension JSONValue {
    /// The object without `metadata.managedFields`; of a list and of a Table, each of their objects without them.
    fileprivate func withoutManagedFields() -> JSONValue {
        guard var object = objectValue else { return self }
        if var metadata = object["metadata"]?.objectValue, metadata.remove("managedFields") != nil {
            object["metadata"] = .object(metadata)
        }
        if let items = object["items"]?.arrayValue { object["items"] = .array(items.map { $0.withoutManagedFields() }) }
        if let rows = object["rows"]?.arrayValue {
            object["rows"] = .array(
                rows.map { row in
                    guard var members = row.objectValue, let inner = members["object"] else { return row }
                    members["object"] = inner.withoutManagedFields()
                    return .object(members)
                })
        }
        return .object(object)
    }
}

extension AuditFacts.ObjectReference {
    /// What the path doesn't say and the object sent does, such as the name of an object to be created.
    fileprivate mutating func complete(from metadata: JSONValue) {
        func fill(_ field: inout String, _ name: String) {
            if field.isEmpty { field = metadata[name]?.stringValue ?? "" }
        }
        fill(&namespace, "namespace")
        fill(&name, "name")
        fill(&uid, "uid")
        fill(&resourceVersion, "resourceVersion")
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.fieldIfPresent("resource", resource)
        writer.fieldIfPresent("namespace", namespace)
        writer.fieldIfPresent("name", name)
        writer.fieldIfPresent("uid", uid)
        writer.fieldIfPresent("apiGroup", group)
        writer.fieldIfPresent("apiVersion", version)
        writer.fieldIfPresent("resourceVersion", resourceVersion)
        writer.fieldIfPresent("subresource", subresource)
    }
}

extension UserInfo {
    fileprivate func encode(into writer: inout JSONWriter) {
        writer.fieldIfPresent("username", name)
        writer.fieldIfPresent("uid", uid)
        writer.fieldIfPresent("groups", groups)
        guard !extra.isEmpty else { return }
        writer.object("extra") { writer in
            for (key, values) in extra.sorted(by: { $0.key < $1.key }) { writer.field(key, values) }
        }
    }
}

extension Status {
    /// A `metav1.Status` without its type, as it is inside of an event; of a success the code only.
    fileprivate func encodeForAudit(into writer: inout JSONWriter) {
        writer.object("metadata") { _ in }
        if outcome == .failure { writer.field("status", outcome.rawValue) }
        writer.fieldIfPresent("message", message)
        writer.fieldIfPresent("reason", reason.description)
        if details != nil, let details = (try? JSONValue.parse(encoded))?["details"] {
            writer.field("details", details)
        }
        writer.fieldIfPresent("code", code == 0 ? nil : Int64(code))
    }
}
