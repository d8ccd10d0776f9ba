import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// H04, N05: what is recorded of a request, compared with the shape of conformance 11.3.
struct AuditEventTests {
    static let widgets = "/apis/example.io/v1/namespaces/prod/widgets"
    static let body =
        #"{"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"w1","managedFields":[{"manager":"m","operation":"Update"}]},"spec":{"size":1,"color":"red"}}"#

    static func stages(_ events: [JSONValue]) -> [String] { events.map { $0.text("stage") ?? "?" } }

    @Test func hasTheRecordedShape() async throws {
        let audit = try AuditFixture("rules: [{level: Request}]")
        let peer = try SocketAddress(ipAddress: "10.0.0.7", port: 4711)
        let events = try await audit.events { chain in
            let answer = try await chain.send(
                .POST, Self.widgets + "?fieldManager=kubectl-create",
                headers: ["Audit-Id": "id-1", "User-Agent": "kubectl/v1.36.0", "Content-Type": "application/json"],
                body: Self.body, connection: PeerConnection(id: 1, remoteAddress: peer))
            #expect(answer.status == .created)
            #expect(answer.header("audit-id") == "id-1")
        }
        #expect(Self.stages(events) == ["RequestReceived", "ResponseComplete"])
        let last = try #require(events.last)
        #expect(
            last.objectValue?.keys == [
                "kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "user", "sourceIPs",
                "userAgent",
                "objectRef", "responseStatus", "requestObject", "requestReceivedTimestamp", "stageTimestamp",
                "annotations",
            ])
        #expect(
            String(decoding: last.encoded(), as: UTF8.self)
                == #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"id-1","stage":"ResponseComplete","requestURI":"\#(Self.widgets)?fieldManager=kubectl-create","verb":"create","user":{"username":"alice","groups":["dev"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"widgets","namespace":"prod","name":"w1","apiGroup":"example.io","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201},"requestObject":\#(Self.body),"requestReceivedTimestamp":"2026-01-01T00:00:00.010000Z","stageTimestamp":"2026-01-01T00:00:00.010000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed"}}"#
        )
        #expect(events[0].at("annotations") == nil && events[0].at("responseStatus") == nil)
        #expect(events[0].at("requestObject") == nil && events[0].at("objectRef.name") == nil)
        #expect(audit.count("apiserver_audit_event_total") == 2)
        #expect(audit.count("apiserver_audit_level_total", "Request") == 1)
    }

    @Test(arguments: [
        (AuditLevel.metadata, false, false), (.request, true, false), (.requestResponse, true, true),
    ])
    func recordsWhatTheLevelSays(_ level: AuditLevel, _ request: Bool, _ response: Bool) async throws {
        let audit = try AuditFixture("rules: [{level: \(level.rawValue)}]")
        let events = try await audit.events { try await $0.send(.POST, Self.widgets, body: Self.body) }
        let last = try #require(events.last)
        #expect((last.at("requestObject") != nil) == request)
        #expect((last.at("responseObject") != nil) == response)
        #expect(last.text("objectRef.name") == "w1")
        if response { #expect(last.text("responseObject.metadata.name") == "w1") }
    }

    @Test func levelNoneRecordsNothing() async throws {
        let audit = try AuditFixture("rules: [{level: None, verbs: [create]}, {level: Metadata, verbs: [list]}]")
        #expect(try await audit.events { try await $0.send(.POST, Self.widgets, body: Self.body) } == [])
        #expect(audit.count("apiserver_audit_level_total", "None") == 1)
        #expect(audit.count("apiserver_audit_event_total") == 0)
    }

    @Test func leavesOmittedStagesOut() async throws {
        let audit = try AuditFixture("omitStages: [RequestReceived]\nrules: [{level: Metadata}]")
        let events = try await audit.events { try await $0.send(.GET, Self.widgets, body: "") }
        #expect(Self.stages(events) == ["ResponseComplete"])
    }

    @Test func leavesManagedFieldsOutOfObjectsListsAndTables() async throws {
        let audit = try AuditFixture("omitManagedFields: true\nrules: [{level: RequestResponse}]")
        let events = try await audit.events { chain in
            try await chain.send(.POST, Self.widgets, body: Self.body)
            try await chain.send(.GET, Self.widgets, body: "")
            try await chain.send(.GET, Self.widgets, headers: .table, body: "")
        }
        #expect(events.count == 6)
        #expect(events.allSatisfy { !String(decoding: $0.encoded(), as: UTF8.self).contains("managedFields") })
        #expect(events[3].at("responseObject.items")?.contains(#""name":"w1""#) == true)
        #expect(events[5].text("responseObject.kind") == "Table")
    }

    @Test func recordsYAMLAsJSON() async throws {
        let audit = try AuditFixture()
        let events = try await audit.events {
            try await $0.send(
                .POST, Self.widgets, headers: ["Content-Type": "application/yaml"],
                body: "metadata: {name: w2}\nspec: {size: 2}\n")
        }
        #expect(events.last?.at("requestObject") == #"{"metadata":{"name":"w2"},"spec":{"size":2}}"#)
    }

    @Test(arguments: ["{", "[1", "\u{0}"])
    func aBodyThatIsNoJSONIsLeftOut(_ body: String) async throws {
        let events = try await AuditFixture().events { try await $0.send(.POST, Self.widgets, body: body) }
        #expect(events.last?.at("requestObject") == nil)
        #expect(events.last?.at("responseStatus.code") == "400")
    }

    @Test func anEventThatIsTooLongLosesItsObjects() async throws {
        let long = #"{"metadata":{"name":"w1"},"spec":{"color":"\#(String(repeating: "x", count: 3_000))"}}"#
        for limit in [2_000, 4_000] {
            let audit = try AuditFixture(eventLimit: limit)
            let last = try #require(try await audit.events { try await $0.send(.POST, Self.widgets, body: long) }.last)
            #expect(last.at("requestObject") == nil && last.at("responseObject") == nil)
            #expect(last["annotations"]?["audit.k8s.io/truncated"]?.stringValue == "true")
            #expect(last.at("responseStatus.code") == "201")
        }
    }

    // MARK: ends

    @Test func tellsRefusals() async throws {
        let audit = try AuditFixture(authorizer: ClosureAuthorizer { _ in .noOpinion(reason: "no rule") })
        let last = try #require(try await audit.events { try await $0.send(.GET, Self.widgets, body: "") }.last)
        #expect(last.at("responseStatus.code") == "403")
        #expect(last.text("responseStatus.status") == "Failure")
        #expect(last.text("responseStatus.reason") == "Forbidden")
        #expect(last.text("responseStatus.details.kind") == "widgets")
        #expect(last.text("responseObject.kind") == "Status")
        #expect(last["annotations"]?["authorization.k8s.io/decision"]?.stringValue == "forbid")
        #expect(last["annotations"]?["authorization.k8s.io/reason"]?.stringValue == "no rule")
    }

    @Test func anUndecidedRequestHasNoDecision() async throws {
        struct Unreachable: Error {}
        let audit = try AuditFixture(authorizer: ClosureAuthorizer { _ in .failed(Unreachable()) })
        let last = try #require(try await audit.events { try await $0.send(.GET, Self.widgets, body: "") }.last)
        #expect(last.at("annotations") == #"{"authorization.k8s.io/reason":"internal error"}"#)
        #expect(last.at("responseStatus.code") == "500")
    }

    @Test(
        arguments: [
            (["Authorization": "Bearer s3cret"], "Authentication failed, attempted: bearer"),
            (["Authorization": "Basic s3cret"], "Authentication failed, attempted: basic"),
            ([:], "Authentication failed, no credentials provided"),
        ] as [([String: String], String)])
    func tellsFailedAuthentication(_ more: [String: String], _ message: String) async throws {
        let audit = try AuditFixture()
        var sent: HTTPHeaders = ["x-test-user": "bad"]
        for (name, value) in more { sent.add(name: name, value: value) }
        let headers = sent
        let events = try await audit.events { chain in
            let answer = try await chain.send(.GET, Self.widgets, headers: headers, body: "")
            #expect(answer.status == .unauthorized)
        }
        #expect(Self.stages(events) == ["ResponseStarted"])
        #expect(events[0].at("user") == "{}")
        #expect(events[0].text("responseStatus.message") == message)
        #expect(events[0].at("responseStatus.code") == "401")
        #expect(audit.output.lines.allSatisfy { !$0.contains("s3cret") && !$0.contains("secret-token-value") })
    }

    @Test func aWatchHasThreeStages() async throws {
        let audit = try AuditFixture()
        let events = try await audit.events {
            try await $0.send(.GET, Self.widgets + "?watch=true&timeoutSeconds=5", body: "")
        }
        #expect(Self.stages(events) == ["RequestReceived", "ResponseStarted", "ResponseComplete"])
        #expect(events.last?.text("verb") == "watch")
        #expect(events.last?.at("responseObject") == nil)
        #expect(events.last?.at("responseStatus") == #"{"metadata":{},"code":200}"#)
    }

    @Test func anAnswerThatBreaksIsAPanic() async throws {
        struct Bug: Error {}
        let audit = try AuditFixture(
            endpoint: ClosureEndpoint { _ in APIResponse(body: .stream { _ in throw Bug() }) })
        let events = try await audit.events { chain in
            let answer = try await chain.send(.GET, "/x", body: "")
            #expect(answer.aborted)
        }
        #expect(Self.stages(events) == ["RequestReceived", "Panic"])
        #expect(events.last?.at("responseStatus.code") == "500")
        #expect(events.last?.text("responseStatus.reason") == "InternalError")
    }

    @Test func aClientThatLeavesIsNoPanic() async throws {
        let audit = try AuditFixture(
            endpoint: ClosureEndpoint { _ in
                APIResponse(body: .stream { _ in throw TransportError(.connectionClosed, "gone") })
            })
        let events = try await audit.events { _ = try await $0.send(.GET, "/x", body: "") }
        #expect(Self.stages(events) == ["RequestReceived", "ResponseComplete"])
    }

    @Test func recordsNoBodiesOfPaths() async throws {
        let audit = try AuditFixture(endpoint: ClosureEndpoint { _ in .text("{}") })
        let events = try await audit.events { try await $0.send(.GET, "/version", body: "") }
        #expect(events.last?.at("objectRef") == nil && events.last?.at("responseObject") == nil)
        #expect(events.last?.text("verb") == "get")
    }

    @Test func tellsAllOfAUser() async throws {
        struct Extra: Authenticator {
            func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
                UserInfo(name: "bob", uid: "u1", groups: ["g"], extra: ["scopes/foo": ["a", "b"], "b": []])
            }
        }
        let policy = try AuditPolicyTests.policy("\(AuditPolicyTests.header)rules: [{level: Metadata}]\n")
        let output = RecordingOutput()
        let metrics = AuditMetrics(registry: MetricsRegistry())
        let log = AuditLog(output: output, metrics: metrics, logger: RecordingLog().logger())
        let chain = ChainFixture(
            authenticator: Extra(), auditor: Auditor(policy: { policy }, log: log, metrics: metrics))
        _ = try await chain.send(.GET, "/x")
        log.close()
        await log.run()
        let event = try JSONValue.parse(Array(try #require(output.lines.last).utf8))
        #expect(
            event.at("user")
                == #"{"username":"bob","uid":"u1","groups":["g"],"extra":{"b":[],"scopes/foo":["a","b"]}}"#)
    }

    // MARK: secrets and sources

    @Test func hidesCredentialsInTheURI() async throws {
        let audit = try AuditFixture(endpoint: ClosureEndpoint { _ in .text("") })
        let events = try await audit.events {
            try await $0.send(.GET, "/x?a=b&access_token=s3cret&Token=s3cret&tokens=2&password=", body: "")
        }
        #expect(
            events.last?.text("requestURI")
                == "/x?a=b&access_token=[redacted]&Token=[redacted]&tokens=2&password=[redacted]")
        #expect(audit.output.lines.allSatisfy { !$0.contains("s3cret") })
    }

    @Test(
        arguments: [
            (nil, nil, "10.0.0.1", ["10.0.0.1"]),
            ("1.2.3.4, 5.6.7.8", nil, "10.0.0.1", ["1.2.3.4", "5.6.7.8", "10.0.0.1"]),
            ("1.2.3.4", "1.2.3.4", "10.0.0.1", ["1.2.3.4", "10.0.0.1"]),
            ("1.2.3.4", "9.9.9.9", "10.0.0.1", ["1.2.3.4", "9.9.9.9", "10.0.0.1"]),
            ("10.0.0.1", nil, "10.0.0.1", ["10.0.0.1"]), (nil, "10.0.0.1", "10.0.0.1", ["10.0.0.1"]),
            ("unknown, <script>, 1.2.3.4:80, 2001:DB8::1", nil, "::1", ["2001:db8::1", "::1"]),
            ("::ffff:1.2.3.4", nil, "::ffff:10.0.0.1", ["1.2.3.4", "10.0.0.1"]),
            ("", "", "10.0.0.1", ["10.0.0.1"]), ("1.2.3.4", nil, nil, ["1.2.3.4"]),
        ] as [(String?, String?, String?, [String])])
    func tellsWhereARequestComesFrom(
        _ forwarded: String?, _ real: String?, _ peer: String?, _ expected: [String]
    ) throws {
        var headers = HTTPHeaders()
        if let forwarded { headers.add(name: "X-Forwarded-For", value: forwarded) }
        if let real { headers.add(name: "X-Real-Ip", value: real) }
        let address = try peer.map { try SocketAddress(ipAddress: $0, port: 1) }
        #expect(SourceAddresses.of(headers, peer: address) == expected)
    }

    @Test func takesAtMost32Addresses() {
        let many = (0..<1_000).map { "1.2.\($0 / 256).\($0 % 256)" }.joined(separator: ",")
        #expect(SourceAddresses.of(["x-forwarded-for": many], peer: nil).count == 32)
    }

    @Test func cutsLongTexts() async throws {
        let audit = try AuditFixture(endpoint: ClosureEndpoint { _ in .text("") })
        let long = String(repeating: "x", count: 20_000)
        let events = try await audit.events {
            try await $0.send(.GET, "/\(long)", headers: ["User-Agent": long], body: "")
        }
        #expect(events.last?.text("requestURI")?.count == 8192 + 12)
        #expect(events.last?.text("userAgent") == String(repeating: "x", count: 1024) + "...TRUNCATED")
    }
}
