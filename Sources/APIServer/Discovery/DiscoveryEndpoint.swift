public import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// Tells what there is: `/`, `/api`, `/apis`, `/apis/G`, `/apis/G/V`, with or without a slash at the end (conformance 6).
///
/// Every document is made once, here, and answered from memory without asking anybody: a server that can't tell its
/// resources blocks the deletion of every namespace of the cluster, so these paths must answer while the store is down,
/// while the server starts and while it drains.
public struct DiscoveryEndpoint: ImmediateEndpoint {
    /// One path's documents, by the form asked for.
    private struct Page: Sendable {
        let plain: Body
        let aggregated: [String: Body]

        init(_ plain: DiscoveryDocuments.Document, aggregated: [String: DiscoveryDocuments.Document] = [:]) {
            self.plain = Body(plain)
            self.aggregated = aggregated.mapValues(Body.init)
        }
    }

    private struct Body: Sendable {
        let bytes: ByteBuffer
        let etag: String

        init(_ document: DiscoveryDocuments.Document) {
            bytes = ByteBuffer(bytes: document.json)
            etag = document.etag
        }
    }

    private let pages: [String: Page]

    /// Tells of one group version.
    ///
    /// - Parameters:
    ///   - resources: as `APIGroupEndpoint.discovered` has them.
    ///   - otherPaths: what `/` lists besides, such as `/healthz`.
    public init(_ groupVersion: GroupVersion, resources: [APIResourceDescription], otherPaths: [String] = []) {
        let documents = DiscoveryDocuments(groupVersion, resources: resources)
        let versions = DiscoveryForm.aggregatedVersions
        func aggregated(_ document: (DiscoveryForm) -> DiscoveryDocuments.Document) -> [String: DiscoveryDocuments
            .Document]
        {
            Dictionary(uniqueKeysWithValues: versions.map { ($0, document(.aggregated(version: $0))) })
        }
        pages = [
            "/": Page(documents.rootPaths(other: otherPaths)),
            "/api": Page(documents.coreVersions, aggregated: aggregated(documents.api)),
            "/apis": Page(documents.groupList, aggregated: aggregated(documents.apis)),
            "/apis/\(groupVersion.group)": Page(documents.group),
            "/apis/\(groupVersion)": Page(documents.resourceList),
        ]
    }

    /// Whether the path is one of these.
    public func serves(path: String) -> Bool { pages[Self.withoutSlash(path)] != nil }

    /// The document; 304 where the client has it, 405 for anything but GET, 406 where no form suits.
    public func answer(_ request: AuthorizedRequest) throws -> APIResponse {
        guard let page = pages[Self.withoutSlash(request.info.path)] else { throw StatusError.resourceNotFound() }
        guard request.http.head.method == .GET else { throw StatusError.methodNotAllowed() }
        let headers = request.http.head.headers
        let (form, body) = try Self.choose(page, accept: headers[canonicalForm: "accept"].map(String.init))
        var answer: HTTPHeaders = ["etag": body.etag, "vary": "Accept", "cache-control": "public"]
        if EntityTag.isKnown(body.etag, to: headers) {
            return APIResponse(status: .notModified, headers: answer, body: .bytes(ByteBuffer()))
        }
        answer.add(name: "content-type", value: form.contentType)
        return APIResponse(headers: answer, body: .bytes(Self.indented(body.bytes, request) ?? body.bytes))
    }

    private static func choose(_ page: Page, accept: [String]) throws -> (DiscoveryForm, Body) {
        let form = page.aggregated.isEmpty ? try plainForm(accept) : try DiscoveryForm(accept: accept)
        if case .aggregated(let version) = form, let body = page.aggregated[version] { return (form, body) }
        return (.plain, page.plain)
    }

    /// Pages without an aggregated form answer whoever takes any JSON, whatever it is to be turned into.
    private static func plainForm(_ accept: [String]) throws -> DiscoveryForm {
        guard AcceptHeader(accept).clauses.contains(where: { $0.covers("application/json") }) else {
            throw StatusError.notAcceptable(["application/json"])
        }
        return .plain
    }

    /// The document for a person's eyes; nil where a program reads.
    private static func indented(_ bytes: ByteBuffer, _ request: AuthorizedRequest) -> ByteBuffer? {
        guard !request.takesPlainJSON,
            let form = try? Negotiated(request.answerPreferences, for: .object(kind: "APIGroup")), form.pretty
        else { return nil }
        var text = JSONPretty.indent(Array(bytes.readableBytesView))
        text.append(UInt8(ascii: "\n"))
        return ByteBuffer(bytes: text)
    }

    private static func withoutSlash(_ path: String) -> String {
        path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
