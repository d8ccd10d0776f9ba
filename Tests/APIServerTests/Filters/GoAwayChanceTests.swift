import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import APIServer

/// T13: a client that would keep one connection for ever comes to have others, and loses nothing by it.
@Suite(.timeLimit(.minutes(2)))
struct GoAwayChanceTests {
    @Test func aClientIsSpreadOverConnectionsAndLosesNoRequest() async throws {
        var configuration = HandlerChainConfiguration()
        configuration.goAwayChance = 1
        let connections = NIOLockedValueBox(Set<UInt64>())
        let fixture = ChainFixture(configuration: configuration) { request in
            _ = connections.withLockedValue { $0.insert(request.http.connection.id) }
            return .text("fine")
        }
        let server = try await TestServer.start(handler: fixture.chain)
        let trust = ClientTLSConfiguration(trust: .authorities(.bytes(server.certificates.authority.certificatePEM)))
        let client = HTTPClient(
            group: MultiThreadedEventLoopGroup.singleton, configuration: HTTPClientConfiguration(tls: trust))
        // Each answer is followed by a GOAWAY; a request that is on its way by then is served all the same.
        while connections.withLockedValue({ $0.count }) < 5 {
            let request = ClientRequest(
                scheme: .https, host: "localhost", port: server.port, target: "/apis/g/v1/things")
            let answer = try await client.execute(request)
            #expect(answer.head.status == .ok && answer.version == .http2)
            #expect(String(buffer: try await answer.collect(upTo: 100)) == "fine")
        }
        await client.shutdown()
        await server.stop()
    }
}
