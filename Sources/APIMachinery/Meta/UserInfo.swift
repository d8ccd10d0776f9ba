/// A user as Kubernetes knows it (`UserInfo` of authentication.k8s.io/v1): what authenticators find and authorizers decide by.
public struct UserInfo: Sendable, Hashable {
    /// The name, e.g. `alice` or `system:serviceaccount:prod:web`; never empty for an authenticated user.
    public var name: String
    /// A name that is never given to another user; empty if the authenticator knows none.
    public var uid: String
    /// The groups in the order the authenticator gave them; duplicates are kept.
    public var groups: [String]
    /// More facts, e.g. `authentication.kubernetes.io/credential-id`: authorizers may decide by them.
    public var extra: [String: [String]]

    /// A user of its parts.
    public init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }
}
