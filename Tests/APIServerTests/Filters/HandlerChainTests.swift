import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

struct HandlerChainTests {
    static let thing = "/apis/g/v1/namespaces/n/things/a"

    @Test func answersWithAuditIDAndNoCaching() async throws {
        let answer = try await ChainFixture().send(.GET, Self.thing)
        #expect(answer.status == .ok)
        #expect(answer.text == "fine")
        #expect(answer.header("cache-control") == "no-cache, private")
        let id = try #require(answer.header("audit-id"))
        #expect(id.count == 36)
        #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(Array(id)[14] == "4")
        #expect("89ab".contains(Array(id)[19]))
    }

    @Test(arguments: [
        ("abc-1", true), (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
        ("", false), ("a b", false), ("é", false),
    ])
    func takesASaneAuditID(_ sent: String, _ taken: Bool) async throws {
        let answer = try await ChainFixture().send(.GET, Self.thing, headers: ["Audit-Id": sent])
        #expect((answer.header("audit-id") == sent) == taken)
    }

    @Test func keepsTheEndpointsCacheControl() async throws {
        let fixture = ChainFixture { _ in
            APIResponse(headers: ["Cache-Control": "public"], body: .bytes(ByteBuffer()))
        }
        #expect(try await fixture.send(.GET, "/openapi").headers[canonicalForm: "cache-control"] == ["public"])
    }

    @Test func theEndpointSeesWhoAndWhatButNoCredentials() async throws {
        let seen = NIOLockedValueBox<AuthorizedRequest?>(nil)
        let fixture = ChainFixture {
            seen.withLockedValue { [request = $0] in $0 = request }
            return .text("")
        }
        _ = try await fixture.send(
            .GET, Self.thing + "?a=b",
            headers: ["x-test-user": "alice,dev", "Authorization": "Bearer secret", "X-Y": "z"])
        let request = try #require(seen.withLockedValue { $0 })
        #expect(request.user.name == "alice")
        #expect(request.info.name == "a")
        #expect(request.query["a"] == "b")
        #expect(request.http.head.headers.first(name: "authorization") == nil)
        #expect(request.http.head.headers.first(name: "x-y") == "z")
    }

    // MARK: refusals

    @Test func answersBadCredentialsWith401() async throws {
        let fixture = ChainFixture()
        let answer = try await fixture.send(.GET, Self.thing, headers: ["x-test-user": "bad"])
        #expect(answer.status == .unauthorized)
        #expect(
            answer.text
                == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#
        )
        #expect(answer.header("content-type") == "application/json")
        #expect(answer.header("www-authenticate") == nil)
    }

    @Test func takesNoCredentialsForAnonymous() async throws {
        let fixture = ChainFixture(
            authorizer: ClosureAuthorizer { attributes in
                attributes.user == .anonymous ? .allow(reason: "") : .noOpinion(reason: "")
            })
        #expect(try await fixture.send(.GET, Self.thing).status == .ok)
        #expect(try await fixture.send(.GET, Self.thing, headers: ["Authorization": "Basic YTpi"]).status == .ok)
    }

    /// Z04
    @Test(arguments: [
        (
            HTTPMethod.GET, "/apis/profefe.io/v1/namespaces/prod/profiles",
            #"profiles.profefe.io is forbidden: User \"alice\" cannot list resource \"profiles\" in API group \"profefe.io\" in the namespace \"prod\""#,
            #"{"group":"profefe.io","kind":"profiles"}"#
        ),
        (
            .GET, "/apis/profefe.io/v1/namespaces/prod/profilecaptures/c1/status",
            #"profilecaptures.profefe.io \"c1\" is forbidden: User \"alice\" cannot get resource \"profilecaptures/status\" in API group \"profefe.io\" in the namespace \"prod\""#,
            #"{"name":"c1","group":"profefe.io","kind":"profilecaptures"}"#
        ),
        (
            .GET, "/apis/profefe.io/v1/profiles",
            #"profiles.profefe.io is forbidden: User \"alice\" cannot list resource \"profiles\" in API group \"profefe.io\" at the cluster scope"#,
            #"{"group":"profefe.io","kind":"profiles"}"#
        ),
        (.GET, "/metrics", #"forbidden: User \"alice\" cannot get path \"/metrics\""#, "{}"),
        (.POST, "/a%3Cb%3E%26", #"forbidden: User \"alice\" cannot post path \"/a&lt;b&gt;&amp;\""#, "{}"),
    ])
    func saysWhoMayNotDoWhat(_ method: HTTPMethod, _ target: String, _ message: String, _ details: String) async throws
    {
        let fixture = ChainFixture(authorizer: ClosureAuthorizer { _ in .noOpinion(reason: "") })
        let answer = try await fixture.send(method, target, headers: ["x-test-user": "alice"])
        #expect(answer.status == .forbidden)
        #expect(answer.header("x-content-type-options") == "nosniff")
        #expect(
            answer.text
                == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":""# + message
                + #"","reason":"Forbidden","details":"# + details + #","code":403}"#)
    }

    @Test func appendsTheAuthorizersReason() async throws {
        let fixture = ChainFixture(authorizer: ClosureAuthorizer { _ in .deny(reason: "not today") })
        let answer = try await fixture.send(.GET, "/metrics")
        #expect(
            answer.json?["message"]?.stringValue
                == #"forbidden: User "system:anonymous" cannot get path "/metrics": not today"#)
    }

    /// Z03
    @Test func failsClosedWhenNobodyCanDecide() async throws {
        struct Down: Error {}
        let called = NIOLockedValueBox(false)
        let fixture = ChainFixture(authorizer: ClosureAuthorizer { _ in .failed(Down()) }) { _ in
            called.withLockedValue { $0 = true }
            return .text("")
        }
        let answer = try await fixture.send(.GET, Self.thing)
        #expect(answer.status == .internalServerError)
        #expect(!called.withLockedValue { $0 })
        #expect(fixture.log.lines.contains { $0.contains("error=\"Down()\"") })
    }

    @Test func tellsNothingOfUnknownErrors() async throws {
        struct Leak: Error { let password = "hunter2" }
        let fixture = ChainFixture { _ in throw Leak() }
        let answer = try await fixture.send(.GET, Self.thing, headers: ["User-Agent": "kubectl/v1"])
        #expect(answer.status == .internalServerError)
        #expect(
            answer.json?["message"]?.stringValue == "Internal error occurred: the server failed to answer the request")
        #expect(!answer.text.contains("hunter2"))
        let line = try #require(fixture.log.lines.first)
        for part in [
            #"path="\#(Self.thing)""#, #"code="500""#, #"verb="get""#, #"userAgent="kubectl/v1""#, "Leak",
            #"auditID="\#(answer.header("audit-id") ?? "")""#,
        ] {
            #expect(line.contains(part))
        }
    }

    @Test func logsNoQueryAndNoHeaders() async throws {
        let fixture = ChainFixture { _ in throw StatusError.internalError("x") }
        _ = try await fixture.send(
            .GET, Self.thing + "?token=hunter2", headers: ["Authorization": "Bearer hunter2", "Cookie": "hunter2"])
        #expect(fixture.log.lines.count == 1)
        #expect(!fixture.log.lines.joined().contains("hunter2"))
    }

    /// E02
    @Test func sendsRetryAfterWheneverTheStatusSaysSo() async throws {
        let fixture = ChainFixture { _ in throw StatusError.serviceUnavailable("the store is not ready", retryAfter: 3)
        }
        let answer = try await fixture.send(.GET, Self.thing)
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.header("retry-after") == "3")
        #expect(answer.json?["details"]?["retryAfterSeconds"]?.integerValue == 3)
    }

    @Test func writesErrorsInTheFormAskedFor() async throws {
        let fixture = ChainFixture { _ in throw StatusError.resourceNotFound() }
        let yaml = try await fixture.send(.GET, Self.thing, headers: ["Accept": "application/yaml"])
        #expect(yaml.header("content-type") == "application/yaml")
        #expect(yaml.text.contains("reason: NotFound\n"))
        let other = try await fixture.send(.GET, Self.thing, headers: ["Accept": "application/vnd.kubernetes.protobuf"])
        #expect(other.header("content-type") == "application/json")
        let pretty = try await fixture.send(.GET, Self.thing + "?pretty=1", headers: ["Accept": "application/json"])
        #expect(pretty.text.hasPrefix("{\n  \"kind\": \"Status\""))
    }

    @Test(arguments: [
        ("/%zz", 400), ("/a%00b%", 400), ("/apis/g/v1/watch", 500), ("/apis/g/v1/things?timeout=soon", 400),
    ])
    func answersTargetsItCantRead(_ target: String, _ code: Int) async throws {
        let answer = try await ChainFixture().send(.GET, target)
        #expect(answer.status.code == UInt(code))
        #expect(answer.json?["code"]?.integerValue == Int64(code))
        #expect(answer.header("audit-id") != nil)
    }

    // MARK: streams and warnings

    @Test func streamsAndFinishes() async throws {
        let fixture = ChainFixture { _ in
            APIResponse(
                body: .stream { writer in
                    try await writer.write(ByteBuffer(string: "a"))
                    try await writer.write(ByteBuffer(string: "b"))
                })
        }
        let answer = try await fixture.send(.GET, Self.thing)
        #expect(answer.text == "ab")
        #expect(!answer.aborted)
    }

    @Test func abortsAStreamThatFails() async throws {
        struct Broken: Error {}
        let fixture = ChainFixture { _ in
            APIResponse(
                body: .stream { writer in
                    try await writer.write(ByteBuffer(string: "a"))
                    throw Broken()
                })
        }
        let answer = try await fixture.send(.GET, Self.thing)
        #expect(answer.aborted)
        #expect(fixture.log.lines.contains { $0.contains("answer broke off") && $0.contains("Broken") })
        #expect(fixture.registry.exposition().contains(#"apiserver_request_aborts_total{verb="GET",group="g""#))
    }

    /// R18
    @Test func sendsWarningsOnce() async throws {
        let fixture = ChainFixture { request in
            request.warnings.add("a \"quoted\" one")
            request.warnings.add("a \"quoted\" one")
            request.warnings.add("two\nlines")
            return .text("")
        }
        let answer = try await fixture.send(.GET, Self.thing)
        #expect(answer.headers["warning"] == [#"299 - "a \"quoted\" one""#, #"299 - "two lines""#])
    }
}
