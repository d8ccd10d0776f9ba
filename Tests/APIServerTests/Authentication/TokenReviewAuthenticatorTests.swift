import APIMachinery
import KubeClient
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

struct TokenReviewAuthenticatorTests {
    private let clock = ManualRequestClock()
    private let log = RecordingLog()
    private let registry = MetricsRegistry()

    private func authenticator(
        _ reviewer: RecordingReviewer, _ configuration: TokenReviewAuthenticator.Configuration = .init()
    ) -> TokenReviewAuthenticator {
        TokenReviewAuthenticator(
            reviewer, configuration, metrics: ReviewMetrics(.authentication, registry: registry), clock: clock.clock,
            logger: log.logger())
    }

    private func request(_ token: String) throws -> UnauthenticatedRequest {
        try AuthenticatorTests.request(["Authorization": "Bearer \(token)"])
    }

    private static let alice = RecordingReviewer(token: { _ throws(KubeClientError) in
        .authenticated(
            UserInfo(name: "alice", uid: "u", groups: ["dev"], extra: ["k": ["v"]]), audiences: ["api"])
    })

    @Test func otherCredentialsAreNotMine() async throws {
        let reviewer = RecordingReviewer()
        let authenticator = authenticator(reviewer)
        for headers in [[:], ["Authorization": "Basic YTpi"], ["Authorization": "Bearer "]] as [HTTPHeaders] {
            let request = try AuthenticatorTests.request(headers)
            #expect(try await authenticator.authenticate(request) == nil)
            #expect(try authenticator.authenticateAtOnce(request)?.get() == .some(nil))
        }
        #expect(reviewer.tokens.isEmpty)
    }

    /// N07: one review in ten seconds, and then the answer costs no waiting.
    @Test func theAnswerIsRememberedForTenSeconds() async throws {
        let reviewer = Self.alice
        let authenticator = authenticator(reviewer)
        let request = try request("t")
        let asked = reviewer.tokens.count
        #expect(authenticator.authenticateAtOnce(request) == nil)
        let expected = UserInfo(
            name: "alice", uid: "u", groups: ["dev", "system:authenticated"], extra: ["k": ["v"]])
        #expect(try await authenticator.authenticate(request) == expected)
        clock.advance(by: .milliseconds(9_999))
        #expect(try authenticator.authenticateAtOnce(request)?.get() == expected)
        #expect(try await authenticator.authenticate(request) == expected)
        #expect(reviewer.tokens.count == asked + 1)
        clock.advance(by: .milliseconds(1))
        #expect(authenticator.authenticateAtOnce(request) == nil)
        #expect(try await authenticator.authenticate(request) == expected)
        #expect(reviewer.tokens.count == asked + 2)
    }

    /// N08: a bad token is an error, hence 401; that is remembered too, apart from the good ones.
    @Test func aBadTokenIsAnErrorAndRemembered() async throws {
        let reviewer = RecordingReviewer(token: { token throws(KubeClientError) in
            token == "good"
                ? .authenticated(UserInfo(name: "bob"), audiences: []) : .notAuthenticated(error: "expired")
        })
        var configuration = TokenReviewAuthenticator.Configuration()
        configuration.cacheLimit = 10
        let authenticator = authenticator(reviewer, configuration)
        #expect(try await authenticator.authenticate(request("good"))?.name == "bob")
        for number in 0..<100 {
            await #expect(throws: AuthenticationError(.invalidToken, "")) {
                try await authenticator.authenticate(request("bad-\(number)"))
            }
        }
        // Invented tokens displaced none that is in use.
        #expect(try authenticator.authenticateAtOnce(request("good"))?.get()?.name == "bob")
        let asked = reviewer.tokens.count
        #expect(throws: AuthenticationError(.invalidToken, "")) {
            try authenticator.authenticateAtOnce(request("bad-99"))?.get()
        }
        #expect(reviewer.tokens.count == asked)
        clock.advance(by: .seconds(10))
        #expect(try authenticator.authenticateAtOnce(request("bad-99")) == nil)
    }

    @Test func aFailureIsNoAnswer() async throws {
        let reviewer = RecordingReviewer(token: { _ throws(KubeClientError) in
            throw KubeClientError(.unreachable, "nobody there")
        })
        let authenticator = authenticator(reviewer)
        for _ in 0..<2 {
            await #expect(throws: AuthenticationError(.unavailable, "")) {
                try await authenticator.authenticate(request("t"))
            }
        }
        #expect(reviewer.tokens.count == 2)
        reviewer.answerTokens { _ throws(KubeClientError) in
            .authenticated(UserInfo(name: "bob"), audiences: [])
        }
        #expect(try await authenticator.authenticate(request("t"))?.name == "bob")
        #expect(registry.exposition().contains(#"apiserver_delegated_authn_request_total{code="<error>"} 2"#))
        #expect(registry.exposition().contains(#"apiserver_delegated_authn_request_total{code="201"} 1"#))
    }

    /// N12: neither tokens nor what is left of them in any error or line of the log.
    @Test func noTokenIsEverTold() async throws {
        let reviewer = RecordingReviewer(token: { _ throws(KubeClientError) in
            throw KubeClientError(.timedOut, "POST /apis/authentication.k8s.io/v1/tokenreviews: no answer")
        })
        let authenticator = authenticator(reviewer)
        do {
            _ = try await authenticator.authenticate(request("very-secret"))
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains("very-secret"))
        }
        #expect(!log.lines.isEmpty && !log.lines.joined().contains("very-secret"))
        #expect("\(String(describing: BearerToken(header: "Bearer very-secret")))".contains("secret") == false)
    }

    @Test func audiencesMustMeet() async throws {
        var configuration = TokenReviewAuthenticator.Configuration()
        configuration.audiences = ["profefe", "other"]
        for (granted, isGood) in [(["profefe"], true), (["x", "other"], true), (["x"], false), ([], false)] {
            let reviewer = RecordingReviewer(token: { _ throws(KubeClientError) in
                .authenticated(UserInfo(name: "bob"), audiences: granted)
            })
            let authenticator = authenticator(reviewer, configuration)
            let user = try? await authenticator.authenticate(request("t"))
            #expect((user?.name == "bob") == isGood, "\(granted)")
            #expect(reviewer.audiences == [["profefe", "other"]])
        }
    }

    @Test func aThousandRequestsOfOneTokenAreOneReview() async throws {
        let gate = Gate()
        let reviewer = RecordingReviewer(token: { _ throws(KubeClientError) in
            await gate.pass()
            return .authenticated(UserInfo(name: "bob"), audiences: [])
        })
        let authenticator = authenticator(reviewer)
        let names = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<1000 { group.addTask { try await authenticator.authenticate(request("t"))?.name } }
            await gate.waitForArrivals(1)
            for _ in 0..<1000 { await Task.yield() }
            gate.open()
            return try await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(names.allSatisfy { $0 == "bob" })
        #expect(reviewer.tokens == ["t"])
    }

    @Test func aTimeOfZeroRemembersNothing() async throws {
        var configuration = TokenReviewAuthenticator.Configuration()
        configuration.cacheTime = .zero
        let reviewer = RecordingReviewer(token: { _ throws(KubeClientError) in
            .authenticated(UserInfo(name: "bob"), audiences: [])
        })
        let authenticator = authenticator(reviewer, configuration)
        for _ in 0..<3 { _ = try await authenticator.authenticate(request("t")) }
        #expect(reviewer.tokens.count == 3)
    }

    /// The union says at once what it knows, and asks only when it must.
    @Test func theUnionAnswersFromMemory() async throws {
        let authenticator = authenticator(Self.alice)
        let union = UnionAuthenticator([RequestHeaderAuthenticator(configuration: { nil }, now: { 0 }), authenticator])
        let request = try request("t")
        #expect(union.authenticateAtOnce(request) == nil)
        #expect(try await union.authenticate(request)?.name == "alice")
        #expect(try union.authenticateAtOnce(request)?.get()?.name == "alice")
        #expect(try union.authenticateAtOnce(AuthenticatorTests.request([:]))?.get() == .some(nil))
    }
}
