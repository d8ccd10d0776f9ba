import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// What is in memory is answered without a task; whoever has to wait says so, and is waited for.
struct AtOnceTests {
    private struct Known: ImmediateAuthenticator {
        func identify(_ request: UnauthenticatedRequest) throws -> UserInfo? {
            if request.http.head.headers.contains(name: "x-bad") { throw AuthenticationError(.invalidToken, "bad") }
            return UserInfo(name: "alice")
        }
    }
    private struct Rules: ImmediateAuthorizer {
        func decide(_ attributes: Attributes) -> Decision {
            attributes.path == "/secret" ? .noOpinion(reason: "") : .allow(reason: "")
        }
    }
    private struct Memory: ImmediateEndpoint {
        func answer(_ request: AuthorizedRequest) throws -> APIResponse {
            switch request.info.path {
            case "/missing": throw StatusError.resourceNotFound()
            case "/stream": APIResponse(body: .stream { try await $0.write(ByteBuffer(string: "piece")) })
            default: .text("hello \(request.user.name)")
            }
        }
    }
    private static let waits = ClosureEndpoint { .text("waited for \($0.user.name)") }

    private static func code(_ answer: HTTPAnswer) -> UInt? {
        guard case .whole(let head, _) = answer else { return nil }
        return head.status.code
    }

    @Test func anAnswerFromMemoryIsWholeAndCounted() async throws {
        var configuration = HandlerChainConfiguration()
        configuration.maxRequestsInFlight = 1
        let fixture = ChainFixture(
            configuration: configuration, authenticator: Known(), authorizer: Rules(), answering: Memory())
        for _ in 0..<2 {
            guard case .whole(let head, let body) = fixture.chain.begin(fixture.request(.GET, "/version")) else {
                Issue.record("it waits")
                return
            }
            #expect(head.status == .ok)
            #expect(head.headers.contains(name: "audit-id"))
            #expect(body == ByteBuffer(string: "hello alice"))
        }
        #expect(
            fixture.registry.exposition().split(separator: "\n").contains {
                $0.hasPrefix("apiserver_request_total") && $0.contains("code=\"200\"") && $0.hasSuffix(" 2")
            })
    }

    @Test(arguments: [("/secret", [:], 403), ("/missing", [:], 404), ("/version", ["x-bad": "1"], 401)])
    func aRefusalIsWhole(path: String, headers: [String: String], code: UInt) async throws {
        let fixture = ChainFixture(authenticator: Known(), authorizer: Rules(), answering: Memory())
        let request = fixture.request(.GET, path, headers: HTTPHeaders(headers.map { ($0.key, $0.value) }))
        #expect(Self.code(fixture.chain.begin(request)) == code)
    }

    @Test(arguments: ["authenticator", "authorizer", "endpoint"])
    func whoHasToWaitIsWaitedFor(step: String) async throws {
        let fixture = ChainFixture(
            authenticator: step == "authenticator" ? HeaderAuthenticator() : Known(),
            authorizer: step == "authorizer" ? ClosureAuthorizer { _ in .allow(reason: "") } : Rules(),
            answering: step == "endpoint" ? Self.waits : Memory())
        let headers: HTTPHeaders = ["x-test-user": "alice"]
        #expect(Self.code(fixture.chain.begin(fixture.request(.GET, "/version", headers: headers))) == nil)
        let answer = try await fixture.send(.GET, "/version", headers: headers)
        #expect(answer.status == .ok)
        #expect(answer.text == (step == "endpoint" ? "waited for alice" : "hello alice"))
    }

    @Test func aStreamIsWrittenInATask() async throws {
        let fixture = ChainFixture(authenticator: Known(), authorizer: Rules(), answering: Memory())
        #expect(Self.code(fixture.chain.begin(fixture.request(.GET, "/stream"))) == nil)
        #expect(try await fixture.send(.GET, "/stream").text == "piece")
    }
}
