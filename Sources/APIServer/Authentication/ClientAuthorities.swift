public import HTTPTransport
internal import NIOConcurrencyHelpers

/// The CAs that client certificates must be signed by, as they were once read. Another reading, even of the same bytes, is another
/// object: what was verified by the former is verified again.
public final class ClientAuthorities: Sendable {
    let verifier: CertificateVerifier

    /// Reads one or more PEM certificates; throws `.badCertificate` if there is none, or one can't be read.
    public init(pem: [UInt8]) throws(TransportError) { verifier = try CertificateVerifier(pem: pem) }

    /// Reads a file of them.
    convenience init(_ file: SourceFile) throws(FileError) {
        do throws(TransportError) {
            try self.init(pem: file.bytes)
        } catch {
            throw FileError(path: file.path, message: error.message)
        }
    }

    /// Whose certificate a connection has, made into a `Value`; nil if it has none.
    ///
    /// A chain is verified once per connection and kind of value, by these CAs; again when the certificate has expired meanwhile, the
    /// clock was set back, or a refusal is ``refusalSeconds`` old.
    func verify<Value: Sendable>(
        _ connection: PeerConnection, at time: Int64,
        _ make: (CertificateIdentity) throws(AuthenticationError) -> Value
    ) -> Result<Value, AuthenticationError>? {
        guard let chain = connection.tls?.certificates, !chain.isEmpty else { return nil }
        let key = ObjectIdentifier(Verified<Value>.self)
        if let known = connection.memo.withLockedValue({ $0[key] }) as? Verified<Value>, known.authorities === self,
            known.since <= time, time <= known.until
        {
            return known.result
        }
        let verified = verify(chain, at: time, make)
        connection.memo.withLockedValue { $0[key] = verified }
        return verified.result
    }

    /// For how long a certificate that was refused is not looked at again.
    private static let refusalSeconds: Int64 = 10

    /// What is remembered of a connection.
    private struct Verified<Value: Sendable>: Sendable {
        let authorities: ClientAuthorities
        let result: Result<Value, AuthenticationError>
        let since: Int64
        let until: Int64
    }

    private func verify<Value: Sendable>(
        _ chain: [[UInt8]], at time: Int64, _ make: (CertificateIdentity) throws(AuthenticationError) -> Value
    ) -> Verified<Value> {
        do throws(AuthenticationError) {
            let identity = try identity(chain, at: time)
            return Verified(
                authorities: self, result: .success(try make(identity)), since: time, until: identity.notAfter)
        } catch {
            let until = time.addingReportingOverflow(Self.refusalSeconds).partialValue
            return Verified(authorities: self, result: .failure(error), since: time, until: until)
        }
    }

    private func identity(_ chain: [[UInt8]], at time: Int64) throws(AuthenticationError) -> CertificateIdentity {
        do throws(TransportError) {
            return try verifier.verify(chain, at: time)
        } catch {
            throw AuthenticationError(
                .invalidCertificate, "the client certificate is refused: \(error.message)", cause: error)
        }
    }
}
