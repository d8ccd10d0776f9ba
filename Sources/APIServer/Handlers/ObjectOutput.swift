internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// How one object is answered, settled before anything is done: 406, or 400 for a bad `includeObject`.
struct ObjectOutput: Sendable {
    private let form: Negotiated
    private let table: TableEncoder?

    init(_ request: AuthorizedRequest, context: ResourceContext) throws {
        if request.takesPlainJSON {
            form = Negotiated()
            table = nil
            return
        }
        form = try Negotiated(request.answerPreferences, for: .object(kind: context.description.kind))
        table = try context.table(form, request)
    }

    /// The object in its negotiated form. As plain JSON its stored bytes are copied once, and a newline put behind.
    func response(_ object: EncodedObject, status: HTTPResponseStatus = .ok) throws -> APIResponse {
        switch form.conversion {
        case .none:
            if form.encoding == .json, !form.pretty { return .json(object.json, status: status) }
            return try .document(object.json, form, status: status)
        case .table:
            return try .document(table?.encode(object) ?? object.json, form, status: status)
        case .partialObjectMetadata(let version), .partialObjectMetadataList(let version):
            return try .document(PartialObjectMetadataEncoder(version: version).encode(object), form, status: status)
        }
    }

    /// A Status, which is never converted.
    func response(_ status: Status) throws -> APIResponse {
        try .document(status.encoded, form, status: .ok)
    }
}

extension AuthorizedRequest {
    /// What the client says about the form of the answer.
    var answerPreferences: AnswerPreferences {
        let headers = http.head.headers
        return AnswerPreferences(
            accept: headers[canonicalForm: "accept"].map(String.init),
            userAgent: headers.first(name: "user-agent") ?? "", query: query)
    }

    /// Whether the negotiation can only end in JSON as it is stored: the common case, told without parsing anything.
    var takesPlainJSON: Bool {
        guard query.items.isEmpty else { return false }
        var accepts = false
        var accept = 0
        for (name, value) in http.head.headers {
            if name.utf8.count == 6, name.lowercased() == "accept" {
                accept += 1
                accepts = value == "application/json" || value == "*/*" || value == "application/json, */*"
            } else if name.utf8.count == 10, name.lowercased() == "user-agent", Self.mayBePerson(value) {
                return false
            }
        }
        return accept == 0 || (accept == 1 && accepts)
    }

    /// Only clients whose names begin so may be given indented JSON.
    private static func mayBePerson(_ agent: String) -> Bool {
        switch agent.utf8.first {
        case UInt8(ascii: "c"), UInt8(ascii: "W"), UInt8(ascii: "M"): true
        default: false
        }
    }
}

extension ResourceContext {
    /// The encoder of Tables, if the form is one.
    func table(_ form: Negotiated, _ request: AuthorizedRequest) throws -> TableEncoder? {
        guard case .table(let version) = form.conversion else { return nil }
        return TableEncoder(
            columns: columns, includeObject: try TableEncoder.IncludeObject(query: request.query), version: version,
            now: configuration.now())
    }
}

extension APIResponse {
    private static let jsonFields = AnswerFields(["content-type": "application/json"])

    /// Compact JSON with a newline put behind it.
    static func json(_ bytes: [UInt8], status: HTTPResponseStatus) -> APIResponse {
        var buffer = ByteBufferAllocator().buffer(capacity: bytes.count + 1)
        buffer.writeBytes(bytes)
        buffer.writeInteger(UInt8(ascii: "\n"))
        return APIResponse(status: status, fields: jsonFields, body: .bytes(buffer))
    }

    /// Compact JSON in the encoding that was negotiated.
    static func document(
        _ json: [UInt8], _ form: Negotiated, status: HTTPResponseStatus
    ) throws -> APIResponse {
        switch form.encoding {
        case .json:
            return .json(form.pretty ? JSONPretty.indent(json) : json, status: status)
        case .yaml:
            let yaml = YAML.encode(try JSONValue.parse(json))
            return APIResponse(
                status: status, headers: ["content-type": form.contentType], body: .bytes(ByteBuffer(bytes: yaml)))
        }
    }
}
