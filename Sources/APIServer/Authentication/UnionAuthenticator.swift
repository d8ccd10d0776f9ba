public import APIMachinery

/// Asks authenticators in turn (conformance 2.3).
///
/// The first yes wins. "Not mine" goes on to the next. An error is remembered and the next is asked; if nobody says yes and
/// there was an error, it is thrown: bad credentials are never taken for none. Nobody and no error: nil, anonymous.
/// Every user but the anonymous one is put into `system:authenticated`.
public struct UnionAuthenticator: Authenticator {
    private let authenticators: [any Authenticator]

    /// Asks in this order.
    public init(_ authenticators: [any Authenticator]) { self.authenticators = authenticators }

    /// The first yes.
    public func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        var failures: [any Error] = []
        for authenticator in authenticators {
            do {
                if let user = try await authenticator.authenticate(request) { return user.addingAuthenticatedGroup() }
            } catch {
                failures.append(error)
            }
        }
        return try Self.nobody(failures)
    }

    /// The same, as long as nobody has to be waited for.
    public func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Result<UserInfo?, any Error>? {
        var failures: [any Error] = []
        for authenticator in authenticators {
            switch authenticator.authenticateAtOnce(request) {
            case nil: return nil
            case .success(nil): continue
            case .success(let user?): return .success(user.addingAuthenticatedGroup())
            case .failure(let error): failures.append(error)
            }
        }
        return Result { try Self.nobody(failures) }
    }

    /// The same, as long as all that are asked can say for how long.
    public func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? {
        var grounds: [Ground] = []
        for authenticator in authenticators {
            guard let finding = authenticator.lasting(request) else { return nil }
            grounds += finding.grounds
            if let user = finding.value { return Lasting(user.addingAuthenticatedGroup(), on: grounds) }
        }
        return Lasting(nil, on: grounds)
    }

    /// The first that has any.
    public var identityHeaders: IdentityHeaders? {
        for authenticator in authenticators {
            if let headers = authenticator.identityHeaders { return headers }
        }
        return nil
    }

    private static func nobody(_ failures: [any Error]) throws -> UserInfo? {
        guard let first = failures.first else { return nil }
        if failures.count == 1 { throw first }
        let code = (first as? AuthenticationError)?.code ?? .unavailable
        throw AuthenticationError(code, failures.map { "\($0)" }.joined(separator: "; "), cause: first)
    }
}
