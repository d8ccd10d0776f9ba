public import APIMachinery

/// What went wrong on the way to kube-apiserver.
///
/// Two errors are equal if their codes are.
public struct KubeClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may tell apart.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String { case configuration, unreachable, timedOut, refused, badAnswer, expired, cancelled }
        private let kind: Kind
        /// The kubeconfig, token or CA file can't be used: says which and where.
        public static let configuration = Code(kind: .configuration)
        /// No connection, or it broke before a whole answer was there.
        public static let unreachable = Code(kind: .unreachable)
        /// No answer before the deadline.
        public static let timedOut = Code(kind: .timedOut)
        /// kube-apiserver answered with a Status that is not a success; ``KubeClientError/status`` has its code.
        public static let refused = Code(kind: .refused)
        /// An answer that is not what the API promises: not JSON, the wrong kind, a missing field.
        public static let badAnswer = Code(kind: .badAnswer)
        /// 410: the resourceVersion is too old to continue from.
        public static let expired = Code(kind: .expired)
        /// The caller was cancelled.
        public static let cancelled = Code(kind: .cancelled)
        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure.
    public let code: Code
    /// The sentence for a log: what, where, the value and the limit.
    public let message: String
    /// The HTTP status of a refusal, nil where there was no answer.
    public let status: Int?
    /// The reason of the refusal's Status, which tells a name that is taken (`AlreadyExists`) from a lost race (`Conflict`); empty
    /// where there was none.
    public let reason: StatusReason
    /// How long kube-apiserver asks to wait before another try.
    public let retryAfter: Duration?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, status: Int? = nil, reason: StatusReason = "", retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.reason = reason
        self.retryAfter = retryAfter
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    /// Equal by code.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Only the code counts.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
