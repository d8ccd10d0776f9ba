internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// Requests that ask to be treated as somebody else's: `Impersonate-User`, `-Group`, `-Uid`, `-Extra-…` (conformance 2.7, N10; apiserver
/// `filters/impersonation.go`).
///
/// kube-apiserver does it for what it passes on, and has removed the headers by then; here it is for those who come directly. Each part needs a right
/// of its own, verb `impersonate`:
///
/// | header | resource | name |
/// |---|---|---|
/// | `Impersonate-User: alice` | `users` | `alice` |
/// | `Impersonate-User: system:serviceaccount:ns:sa` | `serviceaccounts` in namespace `ns` | `sa` |
/// | `Impersonate-Group: dev` | `groups` | `dev` |
/// | `Impersonate-Uid: u1` | `uids.authentication.k8s.io` | `u1` |
/// | `Impersonate-Extra-Key: v` | `userextras/key.authentication.k8s.io` | `v` |
///
/// Refused: any of the others without a user (400), and any other `Impersonate-…` header (403): it would be ignored. What isn't allowed is 403, what can't be
/// decided 500. The headers are then removed, so that whoever comes behind sees the impersonated user only.
struct Impersonation: Sendable {
    let authorizer: any Authorizer

    /// Whether a request has such headers.
    static func isAsked(_ headers: HTTPHeaders) -> Bool { headers.contains { HeaderName.hasPrefix($0.name, prefix) } }

    /// `request` as that of the user it names, if its sender may; itself if it names none.
    func apply(to request: AuthenticatedRequest) async throws -> AuthenticatedRequest {
        let headers = request.http.head.headers
        guard Self.isAsked(headers) else { return request }
        let wish = try Wish(headers)
        for attributes in wish.questions(of: request.user) {
            let known = authorizer.decideAtOnce(attributes)
            let decision = if let known { known } else { await authorizer.authorize(attributes) }
            if let refusal = Forbidden.refusal(decision, attributes) { throw refusal }
        }
        var kept = headers
        for (name, _) in headers where HeaderName.hasPrefix(name, Self.prefix) { kept.remove(name: name) }
        return request.acting(as: wish.user, headers: kept)
    }

    private static let prefix = "impersonate-"

    /// Who a request wants to be.
    private struct Wish {
        var name = ""
        var uid = ""
        var groups: [String] = []
        var extra: [(key: String, value: String)] = []

        init(_ headers: HTTPHeaders) throws(StatusError) {
            for (header, value) in headers where HeaderName.hasPrefix(header, prefix) {
                switch header.lowercased() {
                case "impersonate-user": if name.isEmpty { name = value }
                case "impersonate-uid": if uid.isEmpty { uid = value }
                case "impersonate-group": groups.append(value)
                case let other where other.hasPrefix("impersonate-extra-"):
                    let key = String(other.dropFirst("impersonate-extra-".count))
                    extra.append((PercentDecoding.decodeExactly(key) ?? key, value))
                case let other:
                    throw .forbidden(nil, "impersonation by the header \(other.quoted) is not supported")
                }
            }
            guard !name.isEmpty else {
                throw .badRequest("impersonation of a uid, groups or extra needs the header Impersonate-User too")
            }
        }

        /// `ns` and `sa` of `system:serviceaccount:ns:sa`.
        private var serviceAccount: (namespace: String, name: String)? {
            let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount", !parts[2].isEmpty,
                !parts[3].isEmpty
            else { return nil }
            return (parts[2], parts[3])
        }

        /// What the sender must be allowed.
        func questions(of sender: UserInfo) -> [Attributes] {
            func question(
                _ resource: String, _ name: String, group: String = "", subresource: String = "", namespace: String = ""
            ) -> Attributes {
                Attributes(
                    user: sender, verb: "impersonate", group: group, version: "v1", resource: resource,
                    subresource: subresource, namespace: namespace, name: name)
            }
            let authentication = "authentication.k8s.io"
            var questions: [Attributes] = []
            if let account = serviceAccount {
                questions.append(question("serviceaccounts", account.name, namespace: account.namespace))
            } else {
                questions.append(question("users", name))
            }
            questions += groups.map { question("groups", $0) }
            questions += extra.map { question("userextras", $0.value, group: authentication, subresource: $0.key) }
            if !uid.isEmpty { questions.append(question("uids", uid, group: authentication)) }
            return questions
        }

        /// The user that comes of it, with the groups that everybody has.
        var user: UserInfo {
            var user = UserInfo(name: name, uid: uid, groups: groups)
            if groups.isEmpty, let account = serviceAccount {
                user.groups = ["system:serviceaccounts", "system:serviceaccounts:\(account.namespace)"]
            }
            for (key, value) in extra { user.extra[key, default: []].append(value) }
            guard name == UserInfo.anonymousName else { return user.addingAuthenticatedGroup() }
            if !user.isMember(of: UserInfo.unauthenticatedGroup) { user.groups.append(UserInfo.unauthenticatedGroup) }
            return user
        }
    }
}
