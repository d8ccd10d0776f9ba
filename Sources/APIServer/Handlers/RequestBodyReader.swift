internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// Reads and decodes the body of a request within limits.
///
/// | Content-Type | read as |
/// |---|---|
/// | none, `application/json` | JSON |
/// | `application/yaml` | YAML, one document |
/// | anything else | 415 |
///
/// Parameters (`; charset=utf-8`) count for nothing.
struct RequestBodyReader: Sendable {
    private let request: AuthorizedRequest
    private let encoding: RequestEncoding

    /// Looks at the Content-Type; 415 before a byte is read.
    init(_ request: AuthorizedRequest) throws {
        self.request = request
        encoding = try RequestEncoding(contentType: request.http.head.headers.first(name: "content-type"))
    }

    /// The bytes; 413 beyond `limit`.
    func bytes(limit: Int) async throws -> [UInt8] {
        try await Self.bytes(of: request, limit: limit)
    }

    /// The bytes of a request's body, whatever they are; 413 beyond `limit`.
    static func bytes(of request: AuthorizedRequest, limit: Int) async throws -> [UInt8] {
        let bytes = try await request.bytes(upTo: limit)
        request.context.audit?.read(
            AuditBody(bytes, contentType: request.http.head.headers.first(name: "content-type")))
        return bytes
    }

    /// The value that the bytes say. The message of the error tells what and where.
    func decode(_ bytes: [UInt8]) throws(UndecodableBody) -> JSONDocument {
        switch encoding {
        case .json:
            do {
                return try JSONParser.parse(bytes)
            } catch {
                throw UndecodableBody(message: "couldn't get version/kind; json parse error: \(error)")
            }
        case .yaml:
            do {
                return try YAML.parse(bytes)
            } catch {
                throw UndecodableBody(message: "error converting YAML to JSON: \(error)")
            }
        }
    }
}

/// A body that is no JSON or YAML.
struct UndecodableBody: Error, Sendable {
    let message: String
}

extension AuthorizedRequest {
    /// All of the body, its length counted for the metrics.
    ///
    /// - Throws: 413 beyond `limit`, 504 for one that came too slowly; else as `RequestBody.collect(upTo:)`.
    public func bytes(upTo limit: Int) async throws -> [UInt8] {
        do throws(TransportError) {
            let body = try await http.body.collect(upTo: limit)
            context.read(body.readableBytes)
            return Array(body.readableBytesView)
        } catch {
            switch error.code {
            case .bodyTooLarge: throw StatusError.requestEntityTooLarge(limit: limit).caused(by: error)
            case .timedOut: throw StatusError.timeout("the request's body came too slowly").caused(by: error)
            default: throw error
            }
        }
    }
}
