import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Pprof
import Testing

@testable import APIServer

/// C09: gzip of answers above 128 KiB.
struct ResponseCompressionTests {
    private static let api: WidgetAPI = {
        let storage = InMemoryStorage()
        for index in 0..<900 {
            storage.put("widget-with-a-rather-long-name-\(index)", labels: ["some-label": "some-value-\(index)"])
        }
        storage.put("small", namespace: "other")
        return WidgetAPI(storage) { $0.pageSize = 1000 }
    }()

    @Test(arguments: ["gzip", "deflate, gzip", "gzip, br"])
    func c09ALargeListIsCompressed(_ accepted: String) async throws {
        let plain = try await Self.api.body(.GET, WidgetAPI.widgets, ["accept": "application/json"])
        let packed = try await Self.api.body(
            .GET, WidgetAPI.widgets, ["accept": "application/json", "accept-encoding": accepted])
        #expect(packed.headers["content-encoding"] == ["gzip"] && packed.headers["vary"] == ["Accept-Encoding"])
        #expect(plain.headers["content-encoding"].isEmpty && plain.body.count > ResponseCompression.threshold)
        #expect(packed.body.count < plain.body.count / 4)
        #expect(try Gzip.inflate(packed.body, limit: 16 << 20) == plain.body)
    }

    @Test(arguments: [
        (WidgetAPI.widgets, ""), (WidgetAPI.widgets, "identity"), (WidgetAPI.widgets, "gzip;q=0"),
        (WidgetAPI.widgets, "deflate"), ("/apis/example.io/v1/namespaces/other/widgets", "gzip"),
        ("/apis/example.io/v1/namespaces/other/widgets/small", "gzip"),
    ])
    func c09SmallAnswersAndOtherClientsGetThemAsTheyAre(_ path: String, _ accepted: String) async throws {
        var headers: HTTPHeaders = ["accept": "application/json"]
        if !accepted.isEmpty { headers.add(name: "accept-encoding", value: accepted) }
        let answer = try await Self.api.body(.GET, path, headers)
        #expect(answer.headers["content-encoding"].isEmpty && answer.body.first == UInt8(ascii: "{"))
    }
}

extension WidgetAPI {
    /// The bytes of an answer that is no stream.
    fileprivate func body(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders
    ) async throws -> (headers: HTTPHeaders, body: [UInt8]) {
        let group = APIGroupEndpoint(
            group: "example.io", version: "v1", resources: [APIResource(storage)], configuration: configuration)
        let request = try await Self.authorized(method, target, headers, body: nil)
        let response = try await group.respond(to: request)
        guard case .bytes(let buffer) = response.body else { throw StatusError.internalError("a stream") }
        return (response.headers, Array(buffer.readableBytesView))
    }
}
