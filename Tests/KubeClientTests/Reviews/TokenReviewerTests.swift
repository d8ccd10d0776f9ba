import APIMachinery
import TestSupport
import Testing

@testable import KubeClient

struct TokenReviewerTests {
    @Test func aTokenIsItsUsers() async throws {
        try await FakeKubeAPI.with { api in
            api.users = ["abc": FakeKubeUser("jane", uid: "u1", groups: ["dev", "ops"], extra: ["k": ["v", "w"]])]
            let reviewer = KubeTokenReviewer(client: try KubeClient.make(api))
            let verdict = try await reviewer.review(token: "abc", audiences: [])
            let user = UserInfo(name: "jane", uid: "u1", groups: ["dev", "ops"], extra: ["k": ["v", "w"]])
            #expect(verdict == .authenticated(user, audiences: ["https://kubernetes.default.svc"]))
            #expect(
                api.requests.first?.body == [
                    "kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": ["token": "abc"],
                ])
            #expect(api.requests.first?.path == "/apis/authentication.k8s.io/v1/tokenreviews")
        }
    }

    @Test func anUnknownTokenIsNobodys() async throws {
        try await FakeKubeAPI.with { api in
            let reviewer = KubeTokenReviewer(client: try KubeClient.make(api))
            let verdict = try await reviewer.review(token: "abc", audiences: [])
            #expect(verdict == .notAuthenticated(error: "[invalid bearer token, Token has been invalidated]"))
        }
    }

    @Test func audiencesAreAskedFor() async throws {
        try await FakeKubeAPI.with { api in
            api.users = ["abc": FakeKubeUser("jane", audiences: ["profefe", "other"])]
            let reviewer = KubeTokenReviewer(client: try KubeClient.make(api))
            let granted = try await reviewer.review(token: "abc", audiences: ["x", "profefe"])
            let jane = UserInfo(name: "jane", groups: ["system:authenticated"])
            #expect(granted == .authenticated(jane, audiences: ["profefe"]))
            #expect(api.tokenReviews.first?["audiences"] == ["x", "profefe"])
            #expect(Self.isAccepted(try await reviewer.review(token: "abc", audiences: ["y"])) == false)
        }
    }

    private static func isAccepted(_ verdict: TokenReviewVerdict) -> Bool {
        if case .authenticated = verdict { true } else { false }
    }

    /// An authenticator behind kube-apiserver that knows no audiences answers without any: such a token is for nobody in particular.
    @Test(arguments: [[], ["other"]] as [[String]]) func anAnswerForOtherAudiencesIsNobodys(_ granted: [String]) throws
    {
        let answer: JSONValue = [
            "status": [
                "authenticated": true, "user": ["username": "jane"],
                "audiences": .array(granted.map(JSONValue.string)),
            ]
        ]
        #expect(Self.isAccepted(try KubeTokenReviewer.verdict(answer, audiences: ["profefe"])) == false)
        #expect(Self.isAccepted(try KubeTokenReviewer.verdict(answer, audiences: [])))
    }

    @Test(arguments: [
        #"{"kind":"TokenReview","status":{"authenticated":true}}"#,
        #"{"kind":"TokenReview","status":{"authenticated":true,"user":{"username":""}}}"#,
        #"{"kind":"TokenReview","status":{"authenticated":true,"user":[]}}"#,
        #"{"kind":"Pod","status":{"authenticated":true,"user":{"username":"root"}}}"#,
        #"[]"#, #"null"#, "",
    ]) func anAnswerWithoutAUserIsAnError(_ text: String) async throws {
        try await FakeKubeAPI.with { api in
            api.fail(FakeKubeFaultRule(.bytes(201, text)))
            let client = try KubeClient.make(api, clock: SteadyClock(ManualClock()))
            let reviewer = KubeTokenReviewer(client: client, deadline: .milliseconds(400))
            let error = await failure { () throws(KubeClientError) in
                _ = try await reviewer.review(token: "abc", audiences: [])
            }
            #expect(error == KubeClientError(.badAnswer, ""))
        }
    }

    @Test(arguments: [
        #"{"kind":"TokenReview"}"#, #"{"kind":"TokenReview","status":null}"#, #"{"kind":"TokenReview","status":{}}"#,
        #"{"kind":"TokenReview","status":{"authenticated":"true","user":{"username":"root"}}}"#,
        #"{"kind":"TokenReview","status":{"authenticated":1,"user":{"username":"root"}}}"#,
    ]) func whatIsNotSurelyAuthenticatedIsNot(_ text: String) async throws {
        try await FakeKubeAPI.with { api in
            api.fail(FakeKubeFaultRule(.bytes(201, text)))
            let reviewer = KubeTokenReviewer(client: try KubeClient.make(api))
            #expect(try await reviewer.review(token: "abc", audiences: []) == .notAuthenticated(error: ""))
        }
    }

    @Test(arguments: [FakeKubeFault.reset, .resetMidAnswer, .status(500), .status(429, retryAfter: 0), .garbage])
    func aQuestionIsAskedAgain(_ fault: FakeKubeFault) async throws {
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            api.users = ["abc": FakeKubeUser("jane")]
            api.fail(FakeKubeFaultRule(fault, times: 1))
            let reviewer = KubeTokenReviewer(client: try KubeClient.make(api, clock: SteadyClock(clock), chance: 1))
            async let verdict = reviewer.review(token: "abc", audiences: [])
            await clock.waitForSleepers(1)
            #expect(clock.pauses == [.milliseconds(600)])
            clock.advance(by: .milliseconds(600))
            #expect(Self.isAccepted(try await verdict))
        }
    }

    /// Z03: whoever waits for the answer is refused at once, not after four seconds of tries. On a clock that never moves a second
    /// try would never come.
    @Test func withoutKubeAPIServerAQuestionIsNotAskedAgain() async throws {
        let port = try await ScriptedTarget.closedPort()
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock)) { $0.server.port = port }
            let error = await failure { () throws(KubeClientError) in
                _ = try await KubeTokenReviewer(client: client).review(token: "abc", audiences: [])
            }
            #expect(error == KubeClientError(.unreachable, ""))
            #expect(clock.pauses.isEmpty)
        }
    }

    @Test func aQuestionTakesNoLongerThanItsDeadline() async throws {
        try await FakeKubeAPI.with { api in
            api.fail(FakeKubeFaultRule(.hang))
            let reviewer = KubeTokenReviewer(client: try KubeClient.make(api), deadline: .milliseconds(50))
            let error = await failure { () throws(KubeClientError) in
                _ = try await reviewer.review(token: "abc", audiences: [])
            }
            #expect(error == KubeClientError(.timedOut, ""))
        }
    }

    @Test func noErrorHoldsTheToken() async throws {
        let faults: [FakeKubeFault] = [.hang, .reset, .garbage, .status(500), .bytes(403, "no")]
        for fault in faults {
            try await FakeKubeAPI.with { api in
                api.fail(FakeKubeFaultRule(fault))
                let reviewer = KubeTokenReviewer(client: try KubeClient.make(api), deadline: .milliseconds(50))
                let error = await failure { () throws(KubeClientError) in
                    _ = try await reviewer.review(token: "s3cret", audiences: [])
                }
                #expect(error != nil && error?.message.contains("s3cret") == false)
            }
        }
    }
}
