public import APIMachinery
internal import HTTPTransport
public import Logging

/// Knows users by the certificate of their TLS connection (conformance 2.5).
///
/// Name = CN of the subject, groups = its O's, uid from OID 1.3.6.1.4.1.57683.2, extra
/// `authentication.kubernetes.io/credential-id` = `X509SHA256=<hex>`. No certificate, or no CA to verify it by, is "not mine"; one that
/// isn't signed by the CA for client authentication, is expired, or has no CN is an error, hence 401.
public struct ClientCertificateAuthenticator: ImmediateAuthenticator {
    private let authorities: @Sendable () -> ClientAuthorities?
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - authorities: the CAs of now; nil while there are none.
    ///   - now: Unix seconds.
    public init(authorities: @escaping @Sendable () -> ClientAuthorities?, now: @escaping @Sendable () -> Int64) {
        self.authorities = authorities
        self.now = now
    }

    /// Whose certificate the connection has.
    public func identify(_ request: UnauthenticatedRequest) throws -> UserInfo? {
        try authorities()?.verify(request.http.connection, at: now(), Self.user)?.get()
    }

    /// Only that there is no certificate: one expires.
    public func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? {
        request.http.connection.tls?.certificates.isEmpty ?? true ? Lasting(nil) : nil
    }

    private static func user(_ identity: CertificateIdentity) throws(AuthenticationError) -> UserInfo {
        guard !identity.commonName.isEmpty else {
            throw AuthenticationError(.invalidCertificate, "the client certificate has no common name")
        }
        let user = UserInfo(
            name: identity.commonName, uid: identity.uid ?? "", groups: identity.organizations,
            extra: ["authentication.kubernetes.io/credential-id": ["X509SHA256=\(identity.sha256Hex)"]])
        return user.addingAuthenticatedGroup()
    }
}

/// The CAs in a file (`--client-ca-file`), read again when it changes.
public struct ClientAuthoritiesFile: Reloadable {
    private let file: FileBacked<ClientAuthorities>

    /// Reads the file; throws what is wrong with it.
    public init(_ path: String, logger: Logger) throws {
        file = try FileBacked(file: path, what: "client CA file", logger: logger) { try ClientAuthorities($0) }
    }

    /// As the file last was good.
    public var authorities: ClientAuthorities { file.value }

    /// Reads the file anew if it changed.
    public func reloadIfChanged() { file.reloadIfChanged() }
}
