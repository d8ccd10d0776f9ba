import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import APIServer

/// S04: an endpoint that does wrong costs its own request only, over one real HTTP/2 connection.
struct IsolationTests {
    struct Bug: Error {}

    /// What becomes of a request of a kind.
    static let fates: [(kind: String, fate: String)] = [
        ("good", "200 fine"), ("throws", "500"), ("hangs", "504"), ("breaks", "broken"), ("refuses", "404"),
        ("good", "200 fine"),
    ]

    private func chain() -> HandlerChain {
        var configuration = HandlerChainConfiguration()
        configuration.requestTimeout = .seconds(3)
        let endpoint = ClosureEndpoint { request in
            switch request.info.name {
            case "good": return .text("fine")
            case "throws": throw Bug()
            case "hangs":
                try await DeadlineTests.hang()
                return .text("never")
            case "breaks":
                return APIResponse(
                    body: .stream { writer in
                        try await writer.write(ByteBuffer(string: "half of it"))
                        throw Bug()
                    })
            default: throw StatusError.resourceNotFound()
            }
        }
        return HandlerChain(
            configuration: configuration, authenticator: HeaderAuthenticator(),
            authorizer: ClosureAuthorizer { _ in .allow(reason: "") }, endpoint: endpoint, registry: MetricsRegistry(),
            resources: KnownResources(), logger: RecordingLog().logger())
    }

    private func fate(_ kind: String, _ client: HTTPClient, _ port: Int) async -> String {
        let request = ClientRequest(scheme: .https, host: "localhost", port: port, target: "/apis/g/v1/things/\(kind)")
        do throws(TransportError) {
            let response = try await client.execute(request)
            let body = try await response.collect(upTo: 1 << 20)
            return response.head.status == .ok ? "200 \(String(buffer: body))" : "\(response.head.status.code)"
        } catch {
            return "broken"
        }
    }

    @Test(.timeLimit(.minutes(2))) func oneFaultyRequestCostsNoOther() async throws {
        let server = try await TestServer.start(handler: chain())
        var tls = ClientTLSConfiguration(trust: .insecureSkipVerify)
        tls.minimumVersion = .tls13
        let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton, configuration: .init(tls: tls))
        let port = server.port
        // The first makes the connection that the others share.
        #expect(await fate("good", client, port) == "200 fine")
        let wrong = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<25 {
                for (kind, expected) in Self.fates {
                    group.addTask {
                        let found = await fate(kind, client, port)
                        return found == expected ? nil : "\(kind): \(found)"
                    }
                }
            }
            return await group.reduce(into: [String]()) { wrong, one in if let one { wrong.append(one) } }
        }
        #expect(wrong == [])
        #expect(client.connectionCounts.open == 1)
        #expect(await fate("good", client, port) == "200 fine")
        await client.shutdown()
        await server.stop()
    }
}
