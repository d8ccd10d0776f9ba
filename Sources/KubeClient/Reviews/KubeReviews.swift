import APIMachinery
import NIOHTTP1

/// TokenReviews by kube-apiserver.
public struct KubeTokenReviewer: TokenReviewer {
    private static let path = "/apis/authentication.k8s.io/v1/tokenreviews"
    private let client: KubeClient
    private let deadline: Duration

    /// Makes a reviewer; each question may take so long, tries included.
    public init(client: KubeClient, deadline: Duration = .seconds(10)) {
        self.client = client
        self.deadline = deadline
    }

    /// Asks kube-apiserver.
    public func review(token: String, audiences: [String]) async throws(KubeClientError) -> TokenReviewVerdict {
        var spec = JSONObject([("token", .string(token))])
        if !audiences.isEmpty { spec["audiences"] = .strings(audiences) }
        let question: JSONValue = [
            "kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": .object(spec),
        ]
        let answer = try await client.review(question, at: Self.path, kind: "TokenReview", deadline: deadline)
        return try Self.verdict(answer, audiences: audiences)
    }

    /// Reads the answer's `status`. Audiences that were asked for and not named are a token for somebody else.
    static func verdict(_ answer: JSONValue, audiences: [String]) throws(KubeClientError) -> TokenReviewVerdict {
        let status = answer["status"] ?? [:]
        let error = status["error"]?.stringValue ?? ""
        guard status["authenticated"]?.boolValue == true else { return .notAuthenticated(error: error) }
        guard let user = status["user"], let name = user["username"]?.stringValue, !name.isEmpty else {
            throw KubeClientError(
                .badAnswer, "POST \(path): status.user.username is missing in an authenticated TokenReview")
        }
        let granted = status["audiences"].strings
        let common = audiences.isEmpty ? granted : audiences.filter(granted.contains)
        guard audiences.isEmpty || !common.isEmpty else {
            return .notAuthenticated(
                error: "the token is for \(granted), not for any of \(audiences)")
        }
        var extra: [String: [String]] = [:]
        for (key, values) in user["extra"]?.objectValue ?? [:] { extra[key] = values.strings }
        let reviewed = UserInfo(
            name: name, uid: user["uid"]?.stringValue ?? "", groups: user["groups"].strings, extra: extra)
        return .authenticated(reviewed, audiences: common)
    }
}

/// SubjectAccessReviews by kube-apiserver.
public struct KubeSubjectAccessReviewer: SubjectAccessReviewer {
    private static let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    private let client: KubeClient
    private let deadline: Duration

    /// Makes a reviewer; each question may take so long, tries included.
    public init(client: KubeClient, deadline: Duration = .seconds(10)) {
        self.client = client
        self.deadline = deadline
    }

    /// Asks kube-apiserver.
    public func review(_ spec: AccessReviewSpec) async throws(KubeClientError) -> AccessReviewVerdict {
        let answer = try await client.review(
            spec.json, at: Self.path, kind: "SubjectAccessReview", deadline: deadline)
        return try Self.verdict(answer)
    }

    /// Reads the answer's `status`.
    static func verdict(_ answer: JSONValue) throws(KubeClientError) -> AccessReviewVerdict {
        guard let status = answer["status"], let allowed = status["allowed"]?.boolValue else {
            throw KubeClientError(.badAnswer, "POST \(path): status.allowed is missing in the answer")
        }
        let denied = status["denied"]?.boolValue ?? false
        return AccessReviewVerdict(
            allowed: allowed && !denied, denied: denied, reason: status["reason"]?.stringValue ?? "",
            evaluationError: status["evaluationError"]?.stringValue ?? "")
    }
}

extension KubeClient {
    /// Posts a question and makes sure that the answer is of the same kind.
    fileprivate func review(_ question: JSONValue, at path: String, kind: String, deadline: Duration)
        async throws(KubeClientError) -> JSONValue
    {
        let answer = try await send(
            KubeRequest(
                method: .POST, path: path, body: question, purpose: .review, deadline: deadline, retries: .reviews,
                answerLimit: 1 << 20))
        guard answer["kind"]?.stringValue == kind else {
            throw KubeClientError(
                .badAnswer,
                "POST \(path): the answer's kind is \(answer["kind"]?.stringValue ?? "missing"), not \(kind)")
        }
        return answer
    }
}

extension JSONValue? {
    /// The elements that are texts; empty for anything else.
    var strings: [String] { self?.arrayValue?.compactMap(\.stringValue) ?? [] }
}

extension JSONValue {
    fileprivate var strings: [String] { arrayValue?.compactMap(\.stringValue) ?? [] }
}
