import HTTPTransport
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

struct CertificateVerifierTests {
    static let now = Int64(time(nil))

    let certificates: TestCertificates
    let verifier: CertificateVerifier

    init() throws {
        certificates = try TestCertificates()
        verifier = try CertificateVerifier(pem: certificates.authority.certificatePEM)
    }

    @Test func `a good certificate gives name, groups, uid and fingerprint (N06)`() throws {
        let pair = try certificates.mint(
            .init(commonName: "alice", organizations: ["dev", "ops"], uid: "42"), name: "alice")
        let identity = try verifier.verify(pair.chainDER, at: Self.now)
        #expect(identity.commonName == "alice")
        #expect(identity.organizations == ["dev", "ops"])
        #expect(identity.uid == "42")
        #expect(identity.sha256Hex.count == 64)
        #expect(abs(identity.notAfter - Self.now - 3600) < 60)
    }

    @Test func `intermediates are taken from the chain`() throws {
        let pair = try certificates.mintWithIntermediate(.init(commonName: "deep"), name: "deep")
        #expect(pair.chainDER.count == 2)
        #expect(try verifier.verify(pair.chainDER, at: Self.now).commonName == "deep")
        #expect(throws: TransportError(.badCertificate, "")) { try verifier.verify([pair.chainDER[0]], at: Self.now) }
    }

    enum Refused: String, CaseIterable { case none, garbage, expired, early, otherCA, serverOnly, trailing }

    @Test(arguments: Refused.allCases)
    func `a certificate that doesn't prove the client is refused`(kind: Refused) throws {
        let good = try certificates.mint(.init(commonName: "a"), name: "a").chainDER
        let chain: [[UInt8]] =
            switch kind {
            case .none: []
            case .garbage: [[1, 2, 3]]
            case .expired:
                try certificates.mint(.init(commonName: "a", validFrom: -7200, validTo: -3600), name: "b").chainDER
            case .early:
                try certificates.mint(.init(commonName: "a", validFrom: 3600, validTo: 7200), name: "b").chainDER
            case .otherCA: try certificates.mint(.init(commonName: "a"), name: "b", byOther: true).chainDER
            case .serverOnly: try certificates.mint(.init(commonName: "a", usage: "serverAuth"), name: "b").chainDER
            case .trailing: [good[0] + [0]]
            }
        #expect(throws: TransportError(.badCertificate, "")) { try verifier.verify(chain, at: Self.now) }
    }

    @Test func `a certificate without extended key usage passes`() throws {
        let pair = try certificates.mint(.init(commonName: "any", usage: nil), name: "any")
        #expect(try verifier.verify(pair.chainDER, at: Self.now).commonName == "any")
    }

    @Test func `a bundle may hold several authorities and comments`() throws {
        let bundle =
            Array("# two\n".utf8) + certificates.otherAuthority.certificatePEM + certificates.authority.certificatePEM
        let both = try CertificateVerifier(pem: bundle)
        let pair = try certificates.mint(.init(commonName: "b"), name: "b", byOther: true)
        #expect(try both.verify(pair.chainDER, at: Self.now).commonName == "b")
    }

    /// N01: a CA that is followed by one of its name, as in a rotation.
    @Test(arguments: [(Namesakes.userOfFirst, "user-1"), (Namesakes.userOfSecond, "user-2")])
    func `of roots with the same name each is tried`(_ pem: String, _ name: String) throws {
        for bundle in [Namesakes.first + Namesakes.second, Namesakes.second + Namesakes.first] {
            let both = try CertificateVerifier(pem: Array(bundle.utf8))
            #expect(try both.verify([Namesakes.der(pem)], at: Namesakes.time).commonName == name)
        }
        let other = name == "user-1" ? Namesakes.second : Namesakes.first
        let wrong = try CertificateVerifier(pem: Array((other + other).utf8))
        #expect(throws: TransportError(.badCertificate, "")) {
            try wrong.verify([Namesakes.der(pem)], at: Namesakes.time)
        }
    }

    @Test(arguments: [
        "", "nothing here", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n",
    ])
    func `a bundle without a readable certificate is refused`(text: String) {
        #expect(throws: TransportError(.badCertificate, "")) { try CertificateVerifier(pem: Array(text.utf8)) }
    }

    @Test func `a good certificate before a broken one doesn't hide it`() {
        let bundle =
            certificates.authority.certificatePEM
            + Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
        #expect(throws: TransportError(.badCertificate, "")) { try CertificateVerifier(pem: bundle) }
    }

    @Test func `mutated certificates are refused or verified, and never trap`() throws {
        let good = try certificates.mint(.init(commonName: "a", organizations: ["o"]), name: "a").chainDER[0]
        var random = SeededRandom(seed: 7)
        for _ in 0..<3000 {
            let bytes = random.mutate(good)
            if bytes != good { #expect(throws: TransportError.self) { try verifier.verify([bytes], at: Self.now) } }
        }
    }
}
