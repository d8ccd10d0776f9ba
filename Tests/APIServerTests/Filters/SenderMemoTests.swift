import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// What is remembered of a connection's sender, and that it is forgotten at once when a file says otherwise.
struct SenderMemoTests {
    private static func rules(_ verb: String) -> String {
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: paths}
        rules: [{nonResourceURLs: [/a, /b], verbs: [\(verb)]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: paths}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: paths}
        subjects: [{kind: User, name: alice}]
        """
    }

    private struct Hello: ImmediateEndpoint {
        func answer(_ request: AuthorizedRequest) throws -> APIResponse {
            #expect(!request.http.head.headers.contains(name: "authorization"))
            return .text("hello \(request.user.name)")
        }
    }

    /// Counts how often it is asked.
    private struct Counting: ImmediateAuthorizer {
        let authorizer: RBACAuthorizer
        let count = NIOLockedValueBox(0)

        func decide(_ attributes: Attributes) -> Decision {
            count.withLockedValue { $0 += 1 }
            return authorizer.decide(attributes)
        }

        func lasting(_ attributes: Attributes) -> Lasting<Decision>? { authorizer.lasting(attributes) }
    }

    /// A server with a token file and an RBAC file, and one connection with requests that share their fields.
    private struct Server {
        let directory: TemporaryDirectory
        let tokens: TokenAuthenticator
        let rules: RBACAuthorizer
        let asked: Counting
        let fixture: ChainFixture
        let fields: RequestFields
        let connection = PeerConnection(id: 1)

        init(headers: HTTPHeaders = ["authorization": "Bearer t1"], auditor: Auditor? = nil) throws {
            directory = try TemporaryDirectory()
            let logger = RecordingLog().logger()
            tokens = try TokenAuthenticator(
                file: try directory.write("tokens.csv", "t1,alice,u1\n"), logger: logger)
            rules = try RBACAuthorizer(
                files: [try directory.write("rbac.yaml", SenderMemoTests.rules("get"))], logger: logger)
            asked = Counting(authorizer: rules)
            fixture = ChainFixture(
                authenticator: UnionAuthenticator([
                    RequestHeaderAuthenticator(configuration: { nil }, now: { 0 }),
                    ClientCertificateAuthenticator(authorities: { nil }, now: { 0 }), tokens,
                ]),
                authorizer: UnionAuthorizer([AlwaysAllowedAuthorizer(), asked]), auditor: auditor,
                answering: Hello())
            fields = RequestFields(headers)
        }

        func request(_ path: String, on other: PeerConnection? = nil) -> HTTPRequest {
            HTTPRequest(
                head: HTTPTransport.HTTPRequestHead(method: .GET, target: path, headers: fields.headers),
                fields: fields, connection: other ?? connection, receivedAt: fixture.clock.now)
        }

        func get(_ path: String, on other: PeerConnection? = nil) -> (code: UInt, text: String)? {
            guard case .whole(let head, let body) = fixture.chain.begin(request(path, on: other)) else { return nil }
            return (head.status.code, body.map { String(buffer: $0) } ?? "")
        }

        /// Asks as often as it takes for everything to be remembered.
        func warmUp() {
            for _ in 0..<4 { #expect(get("/a")?.text == "hello alice") }
        }

        func write(tokens text: String) throws {
            try directory.write("tokens.csv", text)
            tokens.reloadIfChanged()
        }

        func write(rules text: String) throws {
            try directory.write("rbac.yaml", text)
            rules.reloadIfChanged()
        }
    }

    @Test func whatIsRememberedIsNotAskedAgain() throws {
        let server = try Server()
        server.warmUp()
        let asked = server.asked.count.withLockedValue { $0 }
        server.warmUp()
        #expect(server.asked.count.withLockedValue { $0 } == asked)
        #expect(server.fields.facts { HeaderFacts($0) }.sender.isKnown)
    }

    @Test func aTokenThatIsTakenAwayIsRefusedByTheNextRequest() throws {
        let server = try Server()
        server.warmUp()
        try server.write(tokens: "t2,alice,u1\n")
        #expect(server.get("/a")?.code == 401)
        #expect(server.get("/a")?.code == 401)
    }

    @Test func aTokenThatIsGivenToAnotherIsThatOfTheOther() throws {
        let server = try Server()
        server.warmUp()
        try server.write(tokens: "t1,bob,u2,\"system:masters\"\n")
        for _ in 0..<4 { #expect(server.get("/a")?.text == "hello bob") }
        try server.write(tokens: "t1,carol,u3\n")
        for _ in 0..<4 { #expect(server.get("/a")?.code == 403) }
        try server.write(tokens: "t1,alice,u1\n")
        server.warmUp()
    }

    @Test func aRightThatIsTakenAwayIsRefusedByTheNextRequestAndOneThatIsGivenIsHad() throws {
        let server = try Server()
        server.warmUp()
        for _ in 0..<4 { #expect(server.get("/b")?.code == 200) }
        try server.write(rules: Self.rules("post"))
        for _ in 0..<4 {
            #expect(server.get("/a")?.code == 403)
            #expect(server.get("/b")?.code == 403)
        }
        try server.write(rules: Self.rules("get"))
        server.warmUp()
    }

    /// A file that can't be read takes nothing away: what was read before stays in force.
    @Test func aBrokenFileChangesNothing() throws {
        let server = try Server()
        server.warmUp()
        try server.write(tokens: "broken\n")
        try server.write(rules: "broken: [")
        server.warmUp()
    }

    @Test func eachPathIsDecidedOn() throws {
        let server = try Server()
        server.warmUp()
        for _ in 0..<4 { #expect(server.get("/c")?.code == 403) }
        #expect(server.get("/a?timeout=1s")?.code == 200)
        // More than are remembered.
        for number in 0..<20 { #expect(server.get("/b?n=\(number)")?.code == 200) }
        #expect(server.get("/c")?.code == 403)
        server.warmUp()
    }

    /// What a connection's certificate says is not known from the fields.
    @Test func anotherConnectionIsAnotherSender() throws {
        let server = try Server()
        server.warmUp()
        let memo = server.fields.facts { HeaderFacts($0) }.sender
        let step = AuthenticationStep(
            authenticator: server.tokens,
            metrics: AuthenticationMetrics(registry: MetricsRegistry(), now: { .now() }))
        #expect(memo.sender(on: PeerConnection(id: 2), by: step) == nil)
        #expect(memo.sender(on: server.connection, by: step) == nil)
        #expect(server.get("/a", on: PeerConnection(id: 2))?.text == "hello alice")
    }

    @Test func theAnonymousAreRememberedToo() throws {
        let server = try Server(headers: ["user-agent": "curl"])
        for _ in 0..<4 {
            #expect(server.get("/livez")?.text == "hello system:anonymous")
            #expect(server.get("/a")?.code == 403)
        }
        #expect(server.fields.facts { HeaderFacts($0) }.sender.isKnown)
    }

    @Test(arguments: ["authentication_attempts", "authorization_attempts_total", "apiserver_request_total"])
    func everyRequestIsCounted(_ family: String) throws {
        let server = try Server()
        server.warmUp()
        server.warmUp()
        let lines = server.fixture.registry.exposition().split(separator: "\n").filter { $0.hasPrefix(family + "{") }
        #expect(lines.contains { $0.hasSuffix(" 8") }, "\(lines)")
    }

    @Test func filtersAndUsersAreCounted() throws {
        let server = try Server()
        server.warmUp()
        server.warmUp()
        let lines = server.fixture.registry.exposition().split(separator: "\n")
        for line in [
            #"authenticated_user_requests{username="other"} 8"#,
            #"apiserver_request_filter_duration_seconds_count{filter="authentication"} 8"#,
            #"apiserver_request_filter_duration_seconds_count{filter="authorization"} 8"#,
        ] {
            #expect(lines.contains(Substring(line)), "\(line)")
        }
    }

    /// Takes a second to find out that everybody is alice.
    private final class SlowAuthenticator: ImmediateAuthenticator {
        let clock = NIOLockedValueBox<ManualRequestClock?>(nil)

        func identify(_ request: UnauthenticatedRequest) throws -> UserInfo? {
            clock.withLockedValue { $0?.advance(by: .seconds(1)) }
            return UserInfo(name: "alice")
        }

        func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? { Lasting(UserInfo(name: "alice")) }
    }

    /// As kube-apiserver observes requests with a token that it has cached (`filters/metrics.go`): each has a duration.
    @Test func everyRequestHasADurationWhichIsZeroWhereTheSenderWasKnown() throws {
        let authenticator = SlowAuthenticator()
        let fixture = ChainFixture(authenticator: authenticator)
        authenticator.clock.withLockedValue { $0 = fixture.clock }
        let fields = RequestFields(["user-agent": "kubectl"])
        let connection = PeerConnection(id: 1)
        for _ in 0..<8 {
            _ = fixture.chain.begin(
                HTTPRequest(
                    head: HTTPTransport.HTTPRequestHead(method: .GET, target: "/a", headers: fields.headers),
                    fields: fields, connection: connection, receivedAt: fixture.clock.now))
        }
        let lines = fixture.registry.exposition().split(separator: "\n")
        // The second is the first that is worth remembering.
        for line in [
            #"authentication_attempts{result="success"} 8"#,
            #"authentication_duration_seconds_count{result="success"} 8"#,
            #"authentication_duration_seconds_bucket{result="success",le="0.001"} 6"#,
            #"authentication_duration_seconds_sum{result="success"} 2"#,
            #"apiserver_request_filter_duration_seconds_count{filter="authentication"} 8"#,
            #"apiserver_request_filter_duration_seconds_sum{filter="authentication"} 2"#,
        ] {
            #expect(lines.contains(Substring(line)), "\(line)")
        }
    }

    @Test func impersonationIsNeverRemembered() throws {
        let server = try Server(headers: ["authorization": "Bearer t1", "impersonate-user": "bob"])
        for _ in 0..<4 { #expect(server.get("/a") == nil) }
        #expect(!server.fields.facts { HeaderFacts($0) }.sender.isKnown)
    }

    // MARK: findings

    @Test func aFindingHoldsAsLongAsAllItRestsOn() {
        let (one, two) = (Ground(), Ground())
        let finding = Lasting(1, on: [one, two])
        #expect(finding.holds && Lasting(1).holds)
        two.givesWay()
        #expect(!finding.holds && one.holds)
        two.givesWay()
        #expect(!two.holds)
    }

    /// Whoever can't say for how long makes that of all that come behind unknown.
    @Test func nothingLastsBehindWhoCannotSay() throws {
        let server = try Server()
        let request = try AuthenticatorTests.request(["authorization": "Bearer t1"])
        #expect(UnionAuthenticator([server.tokens]).lasting(request)?.value?.name == "alice")
        #expect(UnionAuthenticator([AuthenticatorTests.no, server.tokens]).lasting(request) == nil)
        #expect(UnionAuthenticator([server.tokens, AuthenticatorTests.no]).lasting(request) != nil)
        let stranger = try AuthenticatorTests.request(["authorization": "Bearer t2"])
        #expect(UnionAuthenticator([server.tokens]).lasting(stranger) == nil)
        let attributes = Attributes(user: UserInfo(name: "alice"), info: RequestInfo(path: "/a", verb: "get"))
        let unsure = ClosureAuthorizer { _ in .noOpinion(reason: "") }
        #expect(
            UnionAuthorizer([AlwaysAllowedAuthorizer(), server.rules]).lasting(attributes)?.value.isAllowed == true)
        #expect(UnionAuthorizer([unsure, server.rules]).lasting(attributes) == nil)
        #expect(UnionAuthorizer([AlwaysAllowedAuthorizer()]).lasting(attributes) == nil)
    }

    /// A certificate can expire: what it says is verified by its own rules each time.
    @Test func aCertificateIsNeverRememberedHere() throws {
        let tls = TLSPeer(
            version: "TLSv1.3", cipherSuite: "", applicationProtocol: "h2", serverName: nil, certificates: [[1]])
        let request = try AuthenticatorTests.request([:], PeerConnection(id: 1, tls: tls))
        #expect(RequestHeaderAuthenticator(configuration: { nil }, now: { 0 }).lasting(request) == nil)
        #expect(ClientCertificateAuthenticator(authorities: { nil }, now: { 0 }).lasting(request) == nil)
    }
}
