import APIMachinery
import TestSupport
import Testing

@testable import KubeClient

struct SubjectAccessReviewerTests {
    /// The wire form of conformance.md 3.3.
    @Test func aQuestionHasEveryAttribute() throws {
        let spec = AccessReviewSpec(
            user: UserInfo(
                name: "alice", uid: "u-1", groups: ["dev", "system:authenticated"],
                extra: ["authentication.kubernetes.io/credential-id": ["JTI=1"]]),
            action: .resource(
                ResourceAccess(
                    namespace: "prod", verb: "list", group: "profefe.io", version: "v1", resource: "profiles",
                    subresource: "status", name: "p1",
                    fieldSelector: .requirements([
                        AccessRequirement(key: "metadata.name", operator: .isIn, values: ["p1"])
                    ]),
                    labelSelector: .requirements([
                        AccessRequirement(key: "app", operator: .isNotIn, values: ["a", "b"]),
                        AccessRequirement(key: "x", operator: .exists),
                        AccessRequirement(key: "y", operator: .doesNotExist),
                    ]))))
        let expected = #"""
            {"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"user":"alice","uid":"u-1",
             "groups":["dev","system:authenticated"],
             "extra":{"authentication.kubernetes.io/credential-id":["JTI=1"]},
             "resourceAttributes":{"namespace":"prod","verb":"list","group":"profefe.io","version":"v1",
              "resource":"profiles","subresource":"status","name":"p1",
              "fieldSelector":{"requirements":[{"key":"metadata.name","operator":"In","values":["p1"]}]},
              "labelSelector":{"requirements":[{"key":"app","operator":"NotIn","values":["a","b"]},
               {"key":"x","operator":"Exists"},{"key":"y","operator":"DoesNotExist"}]}}}}
            """#
        #expect(spec.json == (try JSONValue.parse(Array(expected.utf8))))
    }

    @Test func emptyAttributesAreLeftOut() {
        let spec = AccessReviewSpec(
            user: UserInfo(name: "a"),
            action: .resource(ResourceAccess(verb: "get", resource: "x", labelSelector: .raw("a=b"))))
        #expect(
            spec.json["spec"] == [
                "user": "a",
                "resourceAttributes": ["verb": "get", "resource": "x", "labelSelector": ["rawSelector": "a=b"]],
            ])
        let path = AccessReviewSpec(user: UserInfo(name: "a"), action: .nonResource(path: "/metrics", verb: "get"))
        #expect(path.json["spec"] == ["user": "a", "nonResourceAttributes": ["path": "/metrics", "verb": "get"]])
    }

    @Test func equalQuestionsAreEqualBytes() {
        let extra = Dictionary(uniqueKeysWithValues: (0..<50).map { ("k\($0)", ["v"]) })
        let reversed = Dictionary(uniqueKeysWithValues: (0..<50).reversed().map { ("k\($0)", ["v"]) })
        let action = AccessReviewSpec.Action.nonResource(path: "/", verb: "get")
        #expect(
            AccessReviewSpec(user: UserInfo(name: "a", extra: extra), action: action).json.encoded()
                == AccessReviewSpec(user: UserInfo(name: "a", extra: reversed), action: action).json.encoded())
    }

    @Test func theVerdictIsTheServers() async throws {
        try await FakeKubeAPI.with { api in
            let reviewer = KubeSubjectAccessReviewer(client: try KubeClient.make(api))
            api.allow(FakeKubeRule(["dev"], verbs: ["get"], resources: ["profiles"], namespace: "prod"))
            func ask(_ groups: [String], _ verb: String) async throws -> AccessReviewVerdict {
                let access = ResourceAccess(
                    namespace: "prod", verb: verb, group: "profefe.io", version: "v1", resource: "profiles")
                return try await reviewer.review(
                    AccessReviewSpec(user: UserInfo(name: "alice", groups: groups), action: .resource(access)))
            }
            #expect(try await ask(["dev"], "get") == AccessReviewVerdict(allowed: true))
            #expect(try await ask(["dev"], "list") == AccessReviewVerdict(allowed: false))
            #expect(try await ask([], "get") == AccessReviewVerdict(allowed: false))
            #expect(api.accessReviews.count == 3)
            api.decide { _ in FakeKubeAccess(allowed: false, denied: true, reason: "no", evaluationError: "half") }
            #expect(
                try await ask([], "get")
                    == AccessReviewVerdict(allowed: false, denied: true, reason: "no", evaluationError: "half"))
        }
    }

    @Test func whatIsDeniedIsNotAllowed() throws {
        let answer: JSONValue = ["status": ["allowed": true, "denied": true]]
        #expect(try KubeSubjectAccessReviewer.verdict(answer).allowed == false)
    }

    @Test(arguments: [
        "{}", #"{"status":{}}"#, #"{"status":{"allowed":"true"}}"#, #"{"status":{"allowed":1}}"#,
        #"{"status":{"allowed":null}}"#, #"{"status":[true]}"#, "null",
    ]) func anAnswerWithoutAVerdictIsAnError(_ text: String) async {
        let answer = (try? JSONValue.parse(Array(text.utf8))) ?? .null
        let error = await failure { () throws(KubeClientError) in _ = try KubeSubjectAccessReviewer.verdict(answer) }
        #expect(error == KubeClientError(.badAnswer, ""))
    }

    @Test func aForbiddenQuestionSaysWhatIsForbidden() async throws {
        try await FakeKubeAPI.with { api in
            api.fail(FakeKubeFaultRule(.status(403, .forbidden, message: "cannot create subjectaccessreviews")))
            let reviewer = KubeSubjectAccessReviewer(client: try KubeClient.make(api))
            let spec = AccessReviewSpec(user: UserInfo(name: "a"), action: .nonResource(path: "/", verb: "get"))
            let error = await failure { () throws(KubeClientError) in _ = try await reviewer.review(spec) }
            #expect(error?.status == 403)
            #expect(error?.message.contains("cannot create subjectaccessreviews") == true)
            #expect(api.count() == 1)
        }
    }
}
