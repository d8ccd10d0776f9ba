import APIMachinery
import HTTPTransport
import NIOHTTP1
import Testing

@testable import APIServer

/// T14
struct UpgradeRefusalTests {
    private func send(_ headers: HTTPHeaders, to fixture: ChainFixture) async throws -> Answer {
        let head = HTTPTransport.HTTPRequestHead(
            method: .GET, target: "/apis/g/v1/things", headers: headers, version: .http1_1)
        let sink = RecordingSink()
        let request = HTTPRequest(head: head, connection: PeerConnection(id: 1), receivedAt: fixture.clock.now)
        await fixture.chain.handle(request, ResponseWriter(sink: sink))
        return try await sink.value()
    }

    @Test(arguments: [
        (["connection": "Upgrade", "upgrade": "websocket"], HTTPResponseStatus.badRequest),
        (["connection": "keep-alive, upgrade", "upgrade": "SPDY/3.1"], .badRequest),
        (["connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c"], .ok), (["upgrade": "websocket"], .ok),
        (["connection": "upgrade"], .ok), ([:], .ok),
    ])
    func whoWantsAnotherProtocolIsToldThatThereIsNone(_ fields: [String: String], _ status: HTTPResponseStatus)
        async throws
    {
        let headers = HTTPHeaders(fields.map { ($0.key, $0.value) })
        let answer = try await send(headers, to: ChainFixture())
        #expect(answer.status == status)
        if status != .ok { #expect(answer.json?["reason"]?.stringValue == "BadRequest") }
    }

    /// HTTP/2 knows no upgrades, and whoever may not ask is told that first.
    @Test func othersAreAnsweredAsEver() async throws {
        let fixture = ChainFixture(authorizer: ClosureAuthorizer { _ in .deny(reason: "") })
        let headers: HTTPHeaders = ["connection": "Upgrade", "upgrade": "websocket"]
        #expect(try await send(headers, to: fixture).status == .forbidden)
        let modern = HTTPTransport.HTTPRequestHead(method: .GET, target: "/", headers: headers, version: .http2)
        #expect(throws: Never.self) { try UpgradeRefusal.check(modern) }
    }
}
