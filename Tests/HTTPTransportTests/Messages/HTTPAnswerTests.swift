import HTTPTransport
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Answers that a handler has at once, and those that come later, over both protocols.
@Suite(.timeLimit(.minutes(1)))
struct HTTPAnswerTests {
    /// Whole for `/now`, in a task for anything else; never through ``HTTPHandler/handle(_:_:)``.
    private struct Handler: HTTPHandler {
        func begin(_ request: HTTPRequest) -> HTTPAnswer {
            let target = request.head.target
            if target == "/now" { return .whole(.init(status: .ok), body: ByteBuffer(string: "at once")) }
            return .later { response in
                await Task.yield()
                response.send(.init(status: .notFound), body: ByteBuffer(string: target))
            }
        }

        func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
            response.send(.init(status: .internalServerError))
        }
    }

    @Test(arguments: [("/now", 200, "at once"), ("/later", 404, "/later")])
    func overHTTP2(path: String, status: Int, text: String) async throws {
        let server = try await TestServer.start(configure: HTTP2ConnectionTests.plain(), handler: Handler())
        try await RawHTTP2.with(port: server.port) { client in
            for stream: UInt32 in [1, 3] {
                try await client.send(RawHTTP2.headers(stream, path))
                let head = try #require(try await client.first(RawHTTP2.Kind.headers, stream: stream))
                #expect(head.status == status)
                let data = try #require(try await client.first(RawHTTP2.Kind.data, stream: stream))
                #expect(data.payload == Array(text.utf8) && data.endsStream)
            }
        }
        await server.stop()
    }

    @Test func pipelinedRequestsOfHTTP1AreAnsweredInOrder() async throws {
        let bench = try HTTP1Bench(handler: Handler())
        try bench.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n" + "GET /now HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            try bench.answer()
                == "HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\n\r\n/later"
                + "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nat once")
    }
}
