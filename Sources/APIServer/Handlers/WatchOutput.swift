internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// How the events of a watch are answered, settled before the stream begins.
struct WatchOutput: Sendable {
    private let form: Negotiated
    private let table: TableEncoder?
    private let kind: GroupVersionKind

    init(_ request: AuthorizedRequest, context: ResourceContext) throws {
        kind = context.groupVersion.kind(context.description.kind)
        form = try Negotiated(request.answerPreferences, for: .watch)
        table = try context.table(form, request)
    }

    /// A stream of events that `write` writes; its head goes out before the first.
    func response(_ write: @escaping @Sendable (borrowing ResponseBodyWriter) async throws -> Void) -> APIResponse {
        APIResponse(headers: ["content-type": form.contentType], body: .stream(write))
    }

    /// The encoder of one stream.
    func encoder() -> WatchEventEncoder {
        switch form.conversion {
        case .none: break
        case .table: if let table { return WatchEventEncoder(table: table) }
        case .partialObjectMetadata(let version), .partialObjectMetadataList(let version):
            return WatchEventEncoder(partialObjectMetadata: version)
        }
        return WatchEventEncoder(kind: kind)
    }
}
