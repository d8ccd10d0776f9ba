import APIMachinery
import KubeClient
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

struct SubjectAccessReviewAuthorizerTests {
    private let clock = ManualRequestClock()
    private let log = RecordingLog()
    private let registry = MetricsRegistry()
    static let alice = UserInfo(
        name: "alice", uid: "u-1", groups: ["dev", "system:authenticated"],
        extra: ["authentication.kubernetes.io/credential-id": ["JTI=1"]])

    private func authorizer(
        _ reviewer: RecordingReviewer, _ configuration: SubjectAccessReviewAuthorizer.Configuration = .init()
    ) -> SubjectAccessReviewAuthorizer {
        SubjectAccessReviewAuthorizer(
            reviewer, configuration, metrics: ReviewMetrics(.authorization, registry: registry), clock: clock.clock,
            logger: log.logger())
    }

    static func attributes(_ method: HTTPMethod, _ target: String, user: UserInfo = alice) throws -> Attributes {
        let target = try RequestTarget(target)
        let query = target.query.map { QueryItems(parsing: $0) } ?? QueryItems()
        return Attributes(user: user, info: try RequestInfo(method: method, target: target, query: query))
    }

    private static let things = "/apis/profefe.io/v1/namespaces/prod/profiles"

    // MARK: the question

    /// Z01: everything that is known of a request is asked.
    @Test func asksWithAllAttributes() throws {
        let attributes = try Self.attributes(.PATCH, "/apis/profefe.io/v1/namespaces/prod/profilecaptures/c1/status")
        let expected = AccessReviewSpec(
            user: UserInfo(
                name: "alice", uid: "u-1", groups: ["dev", "system:authenticated"],
                extra: ["authentication.kubernetes.io/credential-id": ["JTI=1"]]),
            action: .resource(
                ResourceAccess(
                    namespace: "prod", verb: "patch", group: "profefe.io", version: "v1", resource: "profilecaptures",
                    subresource: "status", name: "c1")))
        #expect(AccessReviewSpec(attributes) == expected)
        let path = try Self.attributes(.GET, "/metrics?x=y")
        #expect(AccessReviewSpec(path).action == .nonResource(path: "/metrics", verb: "get"))
        let options = try Self.attributes(.OPTIONS, "/Other")
        #expect(AccessReviewSpec(options).action == .nonResource(path: "/Other", verb: "options"))
    }

    /// Z01, Z07: selectors of lists, watches and deletecollections; the name of `metadata.name=…`.
    @Test(
        arguments: [
            ("labelSelector=app%3Dapi", nil, [AccessRequirement(key: "app", operator: .isIn, values: ["api"])], ""),
            (
                "labelSelector=a%21%3Db,c,%21d", nil,
                [
                    AccessRequirement(key: "a", operator: .isNotIn, values: ["b"]),
                    AccessRequirement(key: "c", operator: .exists),
                    AccessRequirement(key: "d", operator: .doesNotExist),
                ], ""
            ),
            (
                "labelSelector=a+in+(x,y),b+notin+(z)", nil,
                [
                    AccessRequirement(key: "a", operator: .isIn, values: ["x", "y"]),
                    AccessRequirement(key: "b", operator: .isNotIn, values: ["z"]),
                ], ""
            ),
            ("labelSelector=a%3E5", nil, nil, ""),
            ("labelSelector=a%3E5,b", nil, [AccessRequirement(key: "b", operator: .exists)], ""),
            ("labelSelector=%3D%3D", nil, nil, ""), ("labelSelector=", nil, nil, ""),
            (
                "fieldSelector=metadata.name%3Dp1",
                [AccessRequirement(key: "metadata.name", operator: .isIn, values: ["p1"])],
                nil, "p1"
            ),
            (
                "fieldSelector=spec.type%21%3Dcpu,metadata.namespace%3D%3Dprod",
                [
                    AccessRequirement(key: "metadata.namespace", operator: .isIn, values: ["prod"]),
                    AccessRequirement(key: "spec.type", operator: .isNotIn, values: ["cpu"]),
                ], nil, ""
            ),
            ("fieldSelector=nonsense", nil, nil, ""),
        ] as [(String, [AccessRequirement]?, [AccessRequirement]?, String)])
    func asksWithSelectors(
        _ query: String, _ fields: [AccessRequirement]?, _ labels: [AccessRequirement]?, _ name: String
    ) throws {
        for (method, verb, suffix) in [
            (HTTPMethod.GET, "list", ""), (.GET, "watch", "&watch=1"), (.DELETE, "deletecollection", ""),
        ] {
            let spec = AccessReviewSpec(try Self.attributes(method, "\(Self.things)?\(query)\(suffix)"))
            let access = try #require(Self.resource(spec))
            #expect(access.verb == verb)
            #expect(Self.sorted(access.fieldSelector) == fields)
            #expect(Self.sorted(access.labelSelector) == labels)
            if verb != "deletecollection" { #expect(access.name == name) }
        }
        // Nowhere else.
        let access = try #require(
            Self.resource(AccessReviewSpec(try Self.attributes(.POST, "\(Self.things)?\(query)"))))
        #expect(access.fieldSelector == nil && access.labelSelector == nil && access.name.isEmpty)
    }

    private static func resource(_ spec: AccessReviewSpec) -> ResourceAccess? {
        if case .resource(let access) = spec.action { access } else { nil }
    }

    private static func sorted(_ selector: AccessSelector?) -> [AccessRequirement]? {
        guard case .requirements(let requirements) = selector else { return nil }
        return requirements.sorted { $0.key < $1.key }
    }

    // MARK: the answer

    @Test(arguments: [
        (AccessReviewVerdict(allowed: true, reason: "r"), "allow r"),
        (AccessReviewVerdict(allowed: false), "no opinion "),
        (AccessReviewVerdict(allowed: false, reason: "r"), "no opinion r"),
        (AccessReviewVerdict(allowed: false, denied: true, reason: "r"), "deny r"),
        (AccessReviewVerdict(allowed: true, denied: true), "deny "),
        (AccessReviewVerdict(allowed: true, evaluationError: "a role is missing"), "allow "),
    ])
    func tellsWhatWasAnswered(_ verdict: AccessReviewVerdict, _ text: String) async throws {
        let authorizer = authorizer(RecordingReviewer(access: { _ throws(KubeClientError) in verdict }))
        let attributes = try Self.attributes(.GET, Self.things)
        #expect(Self.text(await authorizer.authorize(attributes)) == text)
        #expect(authorizer.decideAtOnce(attributes).map(Self.text) == text)
    }

    static func text(_ decision: Decision) -> String {
        switch decision {
        case .allow(let reason): "allow \(reason)"
        case .deny(let reason): "deny \(reason)"
        case .noOpinion(let reason): "no opinion \(reason)"
        case .failed(let error): "failed \(error)"
        }
    }

    /// Z06: ten seconds each, by a clock that nobody can set; what is taken away is gone then.
    @Test func bothAnswersAreRememberedForTheirTimes() async throws {
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in AccessReviewVerdict(allowed: true) })
        var configuration = SubjectAccessReviewAuthorizer.Configuration()
        configuration.unauthorizedTime = .seconds(3)
        let authorizer = authorizer(reviewer, configuration)
        let attributes = try Self.attributes(.GET, Self.things)
        #expect(authorizer.decideAtOnce(attributes) == nil)
        #expect(await authorizer.authorize(attributes).isAllowed)
        reviewer.answerAccess { _ throws(KubeClientError) in AccessReviewVerdict(allowed: false) }
        clock.advance(by: .milliseconds(9_999))
        #expect(authorizer.decideAtOnce(attributes)?.isAllowed == true)
        clock.advance(by: .milliseconds(1))
        #expect(authorizer.decideAtOnce(attributes) == nil)
        #expect(await !authorizer.authorize(attributes).isAllowed)
        #expect(reviewer.specs.count == 2)
        clock.advance(by: .milliseconds(2_999))
        #expect(authorizer.decideAtOnce(attributes)?.isAllowed == false)
        clock.advance(by: .milliseconds(1))
        #expect(authorizer.decideAtOnce(attributes) == nil)
    }

    /// Z03: what can't be answered is a failure, and asked anew.
    @Test func failsClosed() async throws {
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in
            throw KubeClientError(.unreachable, "connection refused")
        })
        let authorizer = authorizer(reviewer)
        let attributes = try Self.attributes(.GET, Self.things)
        for _ in 0..<2 {
            #expect(Self.text(await authorizer.authorize(attributes)).hasPrefix("failed "))
            #expect(authorizer.decideAtOnce(attributes) == nil)
        }
        #expect(reviewer.specs.count == 2)
        #expect(log.lines.count == 2)
        reviewer.answerAccess { _ throws(KubeClientError) in AccessReviewVerdict(allowed: true) }
        #expect(await authorizer.authorize(attributes).isAllowed)
    }

    @Test func aThousandFirstRequestsAreOneReview() async throws {
        let gate = Gate()
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in
            await gate.pass()
            return AccessReviewVerdict(allowed: true)
        })
        let authorizer = authorizer(reviewer)
        let attributes = try Self.attributes(.GET, Self.things)
        let allowed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { await authorizer.authorize(attributes).isAllowed } }
            await gate.waitForArrivals(1)
            for _ in 0..<1000 { await Task.yield() }
            gate.open()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(allowed == 1000)
        #expect(reviewer.specs.count == 1)
    }

    /// A client that goes away fails nobody else's request.
    @Test func whoGoesAwayTakesNobodyAlong() async throws {
        let gate = Gate()
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in
            await gate.pass()
            if Task.isCancelled { throw KubeClientError(.cancelled, "cancelled") }
            return AccessReviewVerdict(allowed: true)
        })
        let authorizer = authorizer(reviewer)
        let attributes = try Self.attributes(.GET, Self.things)
        let first = Task { await authorizer.authorize(attributes) }
        await gate.waitForArrivals(1)
        let second = Task { await authorizer.authorize(attributes) }
        for _ in 0..<100 { await Task.yield() }
        first.cancel()
        gate.open()
        #expect(Self.text(await first.value).hasPrefix("failed "))
        #expect(await second.value.isAllowed)
        #expect(log.lines.isEmpty)
    }

    @Test func aHugeQuestionIsNotRemembered() async throws {
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in AccessReviewVerdict(allowed: true) })
        let authorizer = authorizer(reviewer)
        var user = Self.alice
        user.groups = [String(repeating: "g", count: 10_000)]
        let attributes = try Self.attributes(.GET, Self.things, user: user)
        #expect(await authorizer.authorize(attributes).isAllowed)
        #expect(authorizer.decideAtOnce(attributes) == nil)
    }

    // MARK: the whole of it

    /// Z02: masters and health paths ask nobody, whatever became of kube-apiserver; all others get 500 and no data.
    @Test func mastersAndProbesNeedNoKubeAPIServer() async throws {
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in
            throw KubeClientError(.unreachable, "connection refused by 10.0.0.1")
        })
        let fixture = ChainFixture(
            authorizer: UnionAuthorizer([AlwaysAllowedAuthorizer(), authorizer(reviewer)]))
        for path in ["/livez", "/readyz", "/healthz"] { #expect(try await fixture.send(.GET, path).status == .ok) }
        let masters: HTTPHeaders = ["x-test-user": "system:kube-aggregator,system:masters"]
        #expect(try await fixture.send(.GET, "/apis/g/v1", headers: masters).status == .ok)
        #expect(try await fixture.send(.GET, "/apis/g/v1/things", headers: masters).status == .ok)
        #expect(reviewer.specs.isEmpty)
        let refused = try await fixture.send(.GET, "/apis/g/v1/things", headers: ["x-test-user": "alice"])
        #expect(refused.status == .internalServerError)
        #expect(refused.json?["reason"]?.stringValue == "InternalError")
        #expect(!refused.text.contains("10.0.0.1") && !refused.text.contains("fine"))
        #expect(try await fixture.send(.GET, "/readyz/storage").status == .internalServerError)
    }

    /// Z04: with the reason of the review behind it.
    @Test func aDenialSaysWhoAndWhat() async throws {
        let reviewer = RecordingReviewer(access: { _ throws(KubeClientError) in
            AccessReviewVerdict(allowed: false, reason: "no role")
        })
        let fixture = ChainFixture(authorizer: authorizer(reviewer))
        let answer = try await fixture.send(
            .GET, "/apis/profefe.io/v1/namespaces/prod/profiles", headers: ["x-test-user": "alice"])
        #expect(answer.status == .forbidden)
        #expect(answer.header("x-content-type-options") == "nosniff")
        #expect(
            answer.json?["message"]?.stringValue
                == #"profiles.profefe.io is forbidden: User "alice" cannot list resource "profiles" in API group "profefe.io" in the namespace "prod": no role"#
        )
    }

    @Test(arguments: [
        (["/healthz"], "/healthz", true), (["/healthz"], "/healthz/x", false), (["healthz"], "/healthz", true),
        (["/metrics/*"], "/metrics/slis", true), (["/metrics/*"], "/metrics", false), (["/m*"], "/metrics", true),
        ([], "/healthz", false), (["*"], "/anything", true),
    ])
    func pathsOfEverybodyAreConfigured(_ paths: [String], _ path: String, _ isAllowed: Bool) throws {
        let authorizer = try AlwaysAllowedAuthorizer(paths: paths)
        #expect(authorizer.decide(try Self.attributes(.GET, path)).isAllowed == isAllowed)
        // Never a resource.
        #expect(!authorizer.decide(try Self.attributes(.GET, Self.things)).isAllowed)
    }

    @Test func aStarElsewhereIsRefused() {
        for path in ["/a*b", "*/", ""] {
            #expect(throws: AlwaysAllowedAuthorizer.InvalidPath.self) { try AlwaysAllowedAuthorizer(paths: [path]) }
        }
    }
}
