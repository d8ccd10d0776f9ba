public import APIMachinery

/// Whom a token belongs to.
public struct FakeKubeUser: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The uid.
    public var uid: String
    /// The groups, as they stand in the answer.
    public var groups: [String]
    /// More of the user.
    public var extra: [String: [String]]
    /// Whom the token is for.
    public var audiences: [String]

    /// A user of its parts; the audience is kube-apiserver's own.
    public init(
        _ name: String, uid: String = "", groups: [String] = ["system:authenticated"], extra: [String: [String]] = [:],
        audiences: [String] = ["https://kubernetes.default.svc"]
    ) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
        self.audiences = audiences
    }
}

/// What ``FakeKubeAPI`` answers to a SubjectAccessReview.
public struct FakeKubeAccess: Sendable, Hashable {
    /// Whether it is allowed.
    public var allowed: Bool
    /// Whether it is forbidden whatever others say.
    public var denied: Bool
    /// Why.
    public var reason: String
    /// What went wrong meanwhile.
    public var evaluationError: String

    /// An answer of its parts.
    public init(allowed: Bool, denied: Bool = false, reason: String = "", evaluationError: String = "") {
        self.allowed = allowed
        self.denied = denied
        self.reason = reason
        self.evaluationError = evaluationError
    }

    /// Allowed.
    public static let allow = FakeKubeAccess(allowed: true)
    /// Not allowed.
    public static let deny = FakeKubeAccess(allowed: false)
}

/// A rule as RBAC has them: users or groups may use verbs on resources. `*` is all of them.
public struct FakeKubeRule: Sendable {
    /// Names of users and groups.
    public var subjects: Set<String>
    /// `get`, `list`, …
    public var verbs: Set<String>
    /// Groups of the API.
    public var groups: Set<String>
    /// `profiles`, `profiles/status`.
    public var resources: Set<String>
    /// Empty is all objects.
    public var names: Set<String>
    /// Nil is everywhere.
    public var namespace: String?
    /// Paths that are no resources; `/metrics`, `/apis/*`.
    public var paths: Set<String>

    /// A rule of its parts.
    public init(
        _ subjects: Set<String>, verbs: Set<String>, groups: Set<String> = ["profefe.io"],
        resources: Set<String> = [], names: Set<String> = [], namespace: String? = nil, paths: Set<String> = []
    ) {
        self.subjects = subjects
        self.verbs = verbs
        self.groups = groups
        self.resources = resources
        self.names = names
        self.namespace = namespace
        self.paths = paths
    }

    /// Whether the rule allows what a SubjectAccessReview's `spec` asks.
    public func allows(_ spec: JSONValue) -> Bool {
        let groups = spec["groups"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard has(subjects, [spec["user"]?.stringValue ?? ""] + groups) else { return false }
        if let path = spec["nonResourceAttributes"] { return allowsPath(path) }
        let access = spec["resourceAttributes"]
        func text(_ key: String) -> String { access?[key]?.stringValue ?? "" }
        let resource = text("subresource").isEmpty ? text("resource") : "\(text("resource"))/\(text("subresource"))"
        return has(verbs, [text("verb")]) && has(self.groups, [text("group")]) && has(resources, [resource])
            && (names.isEmpty || names.contains(text("name")))
            && (namespace == nil || namespace == text("namespace"))
    }

    private func allowsPath(_ attributes: JSONValue) -> Bool {
        let path = attributes["path"]?.stringValue ?? ""
        return has(verbs, [attributes["verb"]?.stringValue ?? ""])
            && paths.contains { $0 == path || ($0.hasSuffix("*") && path.hasPrefix($0.dropLast())) }
    }

    private func has(_ allowed: Set<String>, _ asked: [String]) -> Bool {
        allowed.contains("*") || !allowed.isDisjoint(with: asked)
    }
}

enum FakeKubeReview {
    /// The answer to a TokenReview.
    static func token(_ review: JSONValue, users: [String: FakeKubeUser]) -> JSONValue {
        let asked = review["spec"]?["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let token = review["spec"]?["token"]?.stringValue ?? ""
        guard let user = users[token] else {
            return answer(review, ["error": "[invalid bearer token, Token has been invalidated]"])
        }
        let granted = asked.isEmpty ? user.audiences : asked.filter(user.audiences.contains)
        guard !granted.isEmpty else {
            return answer(review, ["error": "[invalid bearer token, token audiences are not valid]"])
        }
        var json = JSONObject([("username", .string(user.name))])
        if !user.uid.isEmpty { json["uid"] = .string(user.uid) }
        if !user.groups.isEmpty { json["groups"] = .array(user.groups.map(JSONValue.string)) }
        if !user.extra.isEmpty {
            json["extra"] = .object(
                JSONObject(user.extra.map { ($0.key, .array($0.value.map(JSONValue.string))) }))
        }
        return answer(
            review,
            [
                "authenticated": true, "user": .object(json),
                "audiences": .array(granted.map(JSONValue.string)),
            ])
    }

    /// The answer to a SubjectAccessReview.
    static func access(_ review: JSONValue, _ access: FakeKubeAccess) -> JSONValue {
        var status = JSONObject([("allowed", .bool(access.allowed))])
        if access.denied { status["denied"] = true }
        if !access.reason.isEmpty { status["reason"] = .string(access.reason) }
        if !access.evaluationError.isEmpty { status["evaluationError"] = .string(access.evaluationError) }
        return answer(review, status)
    }

    /// The question with its `status`, as kube-apiserver sends it back.
    private static func answer(_ review: JSONValue, _ status: JSONObject) -> JSONValue {
        var object = review.objectValue ?? JSONObject()
        object["metadata"] = ["creationTimestamp": nil]
        object["status"] = .object(status)
        return .object(object)
    }
}
