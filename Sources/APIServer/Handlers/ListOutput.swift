internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// How a list is answered, settled before anything is read.
struct ListOutput: Sendable {
    fileprivate let form: Negotiated
    private let table: TableEncoder?
    private let kind: String
    private let apiVersion: String

    init(_ request: AuthorizedRequest, context: ResourceContext) throws {
        kind = context.description.listKind
        apiVersion = context.apiVersion
        form = try Negotiated(request.answerPreferences, for: .list(kind: kind))
        table = try context.table(form, request)
    }

    /// The whole list.
    func response(_ objects: [EncodedObject], metadata: ListMetadata) throws -> APIResponse {
        var body = try ListBody(self, metadata: metadata)
        for object in objects { try body.append(object) }
        try body.end()
        return APIResponse(headers: headers, body: .bytes(body.take()))
    }

    /// A list that `write` writes.
    func response(_ write: @escaping @Sendable (borrowing ResponseBodyWriter) async throws -> Void) -> APIResponse {
        APIResponse(headers: headers, body: .stream(write))
    }

    /// What it needs of the objects.
    var parts: EncodedObject.Parts { encoder(ListMetadata(resourceVersion: ResourceVersion(0))).parts }

    private var headers: HTTPHeaders { ["content-type": form.contentType] }

    fileprivate func encoder(_ metadata: ListMetadata) -> ListEncoder {
        switch form.conversion {
        case .none: break
        case .table: if let table { return ListEncoder(table: table, metadata: metadata) }
        case .partialObjectMetadata(let version), .partialObjectMetadataList(let version):
            return ListEncoder(partialObjectMetadata: version, metadata: metadata)
        }
        return ListEncoder(kind: kind, apiVersion: apiVersion, metadata: metadata)
    }
}

/// The body of a list as it grows, in whatever form was negotiated.
struct ListBody: Sendable {
    private enum Layout: Sendable {
        case compact
        case indented(JSONIndenter)
        case yaml(YAMLListWriter)
    }

    private var encoder: ListEncoder
    private var layout: Layout
    private var bytes: [UInt8] = []
    private var piece: [UInt8] = []

    init(_ output: ListOutput, metadata: ListMetadata, capacity: Int = 0) throws {
        encoder = output.encoder(metadata)
        bytes.reserveCapacity(capacity)
        switch (output.form.encoding, output.form.pretty) {
        case (.yaml, _):
            layout = .yaml(try YAMLListWriter(prefix: encoder.prefix, suffix: encoder.suffix, to: &bytes))
        case (.json, true):
            var indenter = JSONIndenter()
            indenter.append(encoder.prefix, to: &bytes)
            layout = .indented(indenter)
        case (.json, false):
            bytes.append(contentsOf: encoder.prefix)
            layout = .compact
        }
    }

    /// How many bytes wait to be taken.
    var count: Int { bytes.count }

    /// What has gathered since the last time.
    mutating func take() -> ByteBuffer {
        defer { bytes.removeAll(keepingCapacity: true) }
        return ByteBuffer(bytes: bytes)
    }

    /// Adds an object.
    mutating func append(_ object: EncodedObject) throws {
        if case .compact = layout {
            encoder.append(CollectionOfOne(object), to: &bytes)
            return
        }
        piece.removeAll(keepingCapacity: true)
        encoder.append(CollectionOfOne(object), to: &piece)
        switch layout {
        case .compact: break
        case .indented(var indenter):
            indenter.append(piece, to: &bytes)
            layout = .indented(indenter)
        case .yaml(var writer):
            let item = piece.first == UInt8(ascii: ",") ? Array(piece.dropFirst()) : piece
            try writer.append(item, to: &bytes)
            layout = .yaml(writer)
        }
    }

    /// Adds what is missing behind the last object.
    mutating func end() throws {
        switch layout {
        case .compact:
            bytes.append(contentsOf: encoder.suffix + [UInt8(ascii: "\n")])
        case .indented(var indenter):
            indenter.append(encoder.suffix, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        case .yaml(let writer):
            writer.end(&bytes)
        }
    }
}
