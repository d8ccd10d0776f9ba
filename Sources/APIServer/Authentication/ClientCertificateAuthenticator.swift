internal import HTTPTransport
public import Logging
internal import NIOConcurrencyHelpers

/// Knows users by the certificate of their TLS connection (`--client-ca-file`, conformance 2.5).
///
/// Name = CN of the subject, groups = its O's, uid from OID 1.3.6.1.4.1.57683.2, extra
/// `authentication.kubernetes.io/credential-id` = `X509SHA256=<hex>`. No certificate is "not mine"; one that isn't signed by
/// the CA for client authentication, is expired, or has no CN is an error, hence 401.
///
/// A chain is verified once per connection; again when the CA file changed or the certificate expired meanwhile.
public struct ClientCertificateAuthenticator: Authenticator, Reloadable {
    /// What is remembered of a connection.
    private struct Verified: Sendable {
        /// Under which roots.
        let roots: Roots
        let user: UserInfo
        let notAfter: Int64
    }
    /// The roots of one reading of the CA file; its identity tells readings apart.
    private final class Roots: Sendable {
        let verifier: CertificateVerifier
        init(_ verifier: CertificateVerifier) { self.verifier = verifier }
    }
    private let roots: FileBacked<Roots>
    private let now: @Sendable () -> Int64

    /// Reads the CA file; throws what is wrong with it. `now` gives Unix seconds.
    public init(caFile path: String, logger: Logger, now: @escaping @Sendable () -> Int64) throws {
        self.now = now
        roots = try FileBacked([path], what: "client CA file", logger: logger) { files in
            guard let file = files.first else { throw FileError(path: path, message: "is a directory") }
            do throws(TransportError) {
                return Roots(try CertificateVerifier(pem: file.bytes))
            } catch {
                throw FileError(path: path, message: error.message)
            }
        }
    }

    /// Whose certificate the connection has.
    public func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        let connection = request.http.connection
        guard let chain = connection.tls?.certificates, !chain.isEmpty else { return nil }
        let roots = roots.value
        let time = now()
        let key = ObjectIdentifier(ClientCertificateAuthenticator.self)
        if let known = connection.memo.withLockedValue({ $0[key] }) as? Verified, known.roots === roots,
            time <= known.notAfter
        {
            return known.user
        }
        let verified = try Self.verify(chain, roots, at: time)
        connection.memo.withLockedValue { $0[key] = verified }
        return verified.user
    }

    /// Reads the files anew if they changed.
    public func reloadIfChanged() { roots.reloadIfChanged() }

    private static func verify(_ chain: [[UInt8]], _ roots: Roots, at time: Int64) throws -> Verified {
        let identity: CertificateIdentity
        do throws(TransportError) {
            identity = try roots.verifier.verify(chain, at: time)
        } catch {
            throw AuthenticationError(
                .invalidCertificate, "the client certificate is refused: \(error.message)", cause: error)
        }
        guard !identity.commonName.isEmpty else {
            throw AuthenticationError(.invalidCertificate, "the client certificate has no common name")
        }
        let user = UserInfo(
            name: identity.commonName, uid: identity.uid ?? "", groups: identity.organizations,
            extra: ["authentication.kubernetes.io/credential-id": ["X509SHA256=\(identity.sha256Hex)"]])
        return Verified(roots: roots, user: user.addingAuthenticatedGroup(), notAfter: identity.notAfter)
    }
}
