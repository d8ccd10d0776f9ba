public import APIMachinery
internal import HTTPTransport
public import Logging

/// Knows users by a static bearer token: `Authorization: Bearer <token>` (`--token-auth-file`).
///
/// Another scheme, or an empty token, is "not mine"; a token that isn't in the file is an error, hence 401.
public struct TokenAuthenticator: ImmediateAuthenticator, Reloadable {
    private let tokens: FileBacked<TokenFile>

    /// Reads the token file; throws what is wrong with it. Read again when it changes, see ``FileReloader``.
    public init(file path: String, logger: Logger) throws {
        tokens = try FileBacked(file: path, what: "token file", logger: logger) { try TokenFile($0) }
    }

    /// Who has the token of the request.
    public func identify(_ request: UnauthenticatedRequest) throws -> UserInfo? {
        guard let token = request.http.facts.token?.text else { return nil }
        guard let user = tokens.value.user(of: token) else {
            throw AuthenticationError(.invalidToken, "the bearer token is not in the token file")
        }
        return user
    }

    /// The same until the file is read anew.
    public func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? {
        guard let token = request.http.facts.token?.text else { return Lasting(nil) }
        let (file, ground) = tokens.reading
        return file.user(of: token).map { Lasting($0, on: [ground]) }
    }

    /// Reads the files anew if they changed.
    public func reloadIfChanged() { tokens.reloadIfChanged() }
}
