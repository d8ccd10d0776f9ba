public import APIMachinery

/// One way to find out who sends a request.
public protocol Authenticator: Sendable {
    /// Who it is; nil if the request has no credentials of this kind ("not mine").
    ///
    /// Throws ``AuthenticationError`` when it has some and they are bad. Must not log or keep credentials.
    func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo?

    /// What ``authenticate(_:)`` would say, without waiting; nil if the answer has to be waited for.
    ///
    /// Called on the event loop for every request, before ``authenticate(_:)``: it may look into memory, nothing else.
    func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Result<UserInfo?, any Error>?

    /// What ``authenticateAtOnce(_:)`` says to every request of this connection with these header fields, and what that rests on; nil if
    /// the credentials are bad, or nobody can say for how long it will be so.
    ///
    /// May look at the header fields and at the connection's certificates, at nothing else of the request.
    func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>?

    /// The headers that tell who a user is, where they aren't the usual ones: handlers, logs and audit don't see them.
    var identityHeaders: IdentityHeaders? { get }
}

extension Authenticator {
    /// Has to be waited for.
    public func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Result<UserInfo?, any Error>? { nil }

    /// Nobody can say for how long.
    public func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? { nil }

    /// None but the usual ones.
    public var identityHeaders: IdentityHeaders? { nil }
}

/// An authenticator that never waits.
public protocol ImmediateAuthenticator: Authenticator {
    /// Who it is, as ``Authenticator/authenticate(_:)`` says.
    func identify(_ request: UnauthenticatedRequest) throws -> UserInfo?
}

extension ImmediateAuthenticator {
    /// Says it at once.
    public func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? { try identify(request) }

    /// Always an answer.
    public func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Result<UserInfo?, any Error>? {
        Result { try identify(request) }
    }
}

/// Credentials that are no good, or could not be checked.
public struct AuthenticationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault.
    public struct Code: Sendable, Hashable {
        private enum Value { case invalidToken, invalidCertificate, unavailable }
        private let value: Value

        /// A bearer token nobody knows.
        public static let invalidToken = Code(value: .invalidToken)
        /// A client certificate that isn't signed by the client CA, is expired, or names nobody.
        public static let invalidCertificate = Code(value: .invalidCertificate)
        /// The check could not be made.
        public static let unavailable = Code(value: .unavailable)
    }

    /// The kind of fault.
    public let code: Code
    /// What is wrong; logged, never sent, never holds a credential.
    public let message: String
    /// What led to it.
    public let cause: (any Error)?

    /// An error of its parts.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Compares codes.
    public static func == (left: AuthenticationError, right: AuthenticationError) -> Bool { left.code == right.code }

    /// The message.
    public var description: String { message }
}
