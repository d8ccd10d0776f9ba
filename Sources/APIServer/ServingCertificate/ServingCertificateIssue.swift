internal import HTTPTransport

/// For how long certificates are made, and when they are made anew.
public struct ServingCertificateLifetimes: Sendable, Hashable {
    /// Of an authority. Default ten years.
    public var authority: Duration
    /// Of a serving certificate. Default 90 days.
    public var certificate: Duration

    /// Lifetimes; what has less than a third of its own left is renewed.
    public init(authority: Duration = .seconds(10 * 365 * 86400), certificate: Duration = .seconds(90 * 86400)) {
        self.authority = authority
        self.certificate = certificate
    }
}

/// What is to be done about a ``ServingCertificateSecret``: decided from its content, the names and the time alone.
///
/// An authority is changed in two steps, so that no client meets a certificate that it can't trust yet: first the new one is added to
/// the bundle; once the APIService has that bundle, the serving certificate is issued by it. So it is when the Secret is gone, too,
/// as long as clients trust what is served.
struct ServingCertificateIssue: Sendable {
    let hosts: [String]
    let lifetimes: ServingCertificateLifetimes
    /// Unix seconds.
    let now: Int64

    /// A new authority and a certificate by it.
    func first() throws(TransportError) -> ServingCertificateSecret {
        let authority = try newAuthority()
        let leaf = try mint(by: authority)
        return ServingCertificateSecret(
            authorities: [authority.minted.certificatePEM], authorityKey: authority.minted.keyPEM,
            certificate: leaf.certificatePEM, key: leaf.keyPEM)
    }

    /// The same in the place of a Secret that is gone: what is served stays for now, and its authority beside the new one, so that no
    /// client is turned away.
    ///
    /// - Parameters:
    ///   - served: the pair that is served; nil if there is none.
    ///   - trusted: the bundle that clients have.
    func first(after served: ServingCertificatePair?, trusted: [UInt8]) throws(TransportError)
        -> ServingCertificateSecret
    {
        guard let served, let leaf = try? CertificateFacts(pem: served.certificate), leaf.notAfter > now,
            leaf.hasKey(pem: served.key), let old = signer(of: leaf, in: trusted)
        else { return try first() }
        let authority = try newAuthority()
        return ServingCertificateSecret(
            authorities: [old, authority.minted.certificatePEM], authorityKey: authority.minted.keyPEM,
            certificate: served.certificate, key: served.key)
    }

    private func signer(of leaf: CertificateFacts, in bundle: [UInt8]) -> [UInt8]? {
        ServingCertificateSecret.split(bundle).first { pem in
            (try? CertificateFacts(pem: pem)).map { leaf.isSigned(by: $0) } ?? false
        }
    }

    /// The next state of a Secret; nil if it is good as it is.
    ///
    /// - Parameter trusted: the bundle that clients have by now.
    func next(_ secret: ServingCertificateSecret, trusted: [UInt8]) throws(TransportError) -> ServingCertificateSecret?
    {
        guard let authority = signer(secret) else { return try first() }
        var next = secret
        if isWorn(authority.facts) {
            let new = try newAuthority()
            // Two at the most: the one that signed what is served, and the new one.
            next.authorities = [secret.authorities.last, new.minted.certificatePEM].compactMap(\.self)
            next.authorityKey = new.minted.keyPEM
            return next
        }
        let leaf = try? CertificateFacts(pem: secret.certificate)
        let isGood =
            leaf.map { leaf in
                leaf.hasKey(pem: secret.key) && leaf.isSigned(by: authority.facts) && !isWorn(leaf)
                    && hosts.allSatisfy { leaf.covers(host: $0) }
            } ?? false
        if !isGood {
            let isServable = leaf.map { $0.notAfter > now && $0.hasKey(pem: secret.key) } ?? false
            // Wait until clients trust the new authority, unless nothing that is served is any good.
            guard trusted == secret.bundle || !isServable else { return nil }
            let minted = try mint(by: authority.signer)
            next.certificate = minted.certificatePEM
            next.key = minted.keyPEM
            return next
        }
        // Nothing is served any more that an older authority has signed.
        if secret.authorities.count > 1, trusted == secret.bundle, age(leaf) > Self.overlap {
            next.authorities = secret.authorities.suffix(1)
            return next
        }
        return nil
    }

    /// How long an old authority stays trusted after the new one's first certificate: replicas take it up within a minute.
    private static let overlap: Int64 = 3600

    private func age(_ leaf: CertificateFacts?) -> Int64 { leaf.map { now - $0.notBefore } ?? 0 }

    private func signer(_ secret: ServingCertificateSecret) -> (signer: CertificateAuthority, facts: CertificateFacts)?
    {
        guard let newest = secret.authorities.last,
            let signer = try? CertificateAuthority(certificatePEM: newest, keyPEM: secret.authorityKey),
            let facts = try? CertificateFacts(pem: newest), facts.notAfter > now
        else { return nil }
        return (signer, facts)
    }

    private func isWorn(_ facts: CertificateFacts) -> Bool {
        let (whole, left) = (facts.notAfter - facts.notBefore, facts.notAfter - now)
        return left < whole / 3
    }

    private func newAuthority() throws(TransportError) -> CertificateAuthority {
        try CertificateAuthority.root("profefe-apiserver-ca@\(now)", validTo: seconds(lifetimes.authority))
    }

    private func mint(by authority: CertificateAuthority) throws(TransportError) -> MintedCertificate {
        try authority.mint(
            CertificateTemplate(
                commonName: hosts.first ?? "profefe-apiserver",
                alternativeNames: hosts.map { "DNS:\($0)" }.joined(separator: ","), usage: "serverAuth",
                validTo: seconds(lifetimes.certificate)))
    }

    private func seconds(_ duration: Duration) -> Int { Int(clamping: duration.components.seconds) }
}
