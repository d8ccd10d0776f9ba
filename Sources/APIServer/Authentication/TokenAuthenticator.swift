internal import HTTPTransport
public import Logging
internal import NIOHTTP1

/// Knows users by a static bearer token: `Authorization: Bearer <token>` (`--token-auth-file`).
///
/// Another scheme, or an empty token, is "not mine"; a token that isn't in the file is an error, hence 401.
public struct TokenAuthenticator: Authenticator, Reloadable {
    private let tokens: FileBacked<TokenFile>

    /// Reads the token file; throws what is wrong with it. Read again when it changes, see ``FileReloader``.
    public init(file path: String, logger: Logger) throws {
        tokens = try FileBacked([path], what: "token file", logger: logger) { files in
            guard let file = files.first else { throw FileError(path: path, message: "is a directory") }
            return try TokenFile(file)
        }
    }

    /// Who has the token of the request.
    public func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        guard let value = request.http.head.headers.first(name: "authorization"), let token = Self.bearer(value)
        else { return nil }
        guard let user = tokens.value.user(of: token) else {
            throw AuthenticationError(.invalidToken, "the bearer token is not in the token file")
        }
        return user
    }

    /// Reads the files anew if they changed.
    public func reloadIfChanged() { tokens.reloadIfChanged() }

    /// The token of an `Authorization` header; nil for other schemes. The scheme's letter case doesn't count.
    static func bearer(_ value: String) -> String? {
        let parts = value.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].count == 6, zip(parts[0], "bearer".utf8).allSatisfy({ $0 | 0x20 == $1 }),
            !parts[1].isEmpty
        else { return nil }
        return String(parts[1])
    }
}
