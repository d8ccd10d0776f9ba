import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import HTTPTransport

@Suite(.timeLimit(.minutes(1)))
struct OffEventLoopTests {
    /// A handler's task prefers its event loop; what it runs off the loop must not, and what follows must again.
    @Test func `work leaves the loop and the handler comes back to it`() async throws {
        let handler = ClosureHandler { _, response in
            let before = MultiThreadedEventLoopGroup.currentEventLoop != nil
            let inside = await offEventLoop { MultiThreadedEventLoopGroup.currentEventLoop != nil }
            let after = MultiThreadedEventLoopGroup.currentEventLoop != nil
            response.send(
                HTTPTransport.HTTPResponseHead(status: .ok), body: ByteBuffer(string: "\(before) \(inside) \(after)"))
        }
        let text = try await TestOrigin.serve(handler) { origin in
            let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton)
            let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
            let body = try await response.collect(upTo: 100)
            await client.shutdown()
            return String(buffer: body)
        }
        #expect(text == "true false true")
    }
}
