import HTTPTransport
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

struct CertificateAuthorityTests {
    private let template = CertificateTemplate(
        commonName: "web.shop.svc", alternativeNames: "DNS:web.shop.svc,DNS:*.example.org", usage: "serverAuth")

    @Test func aLeafIsSignedByItsAuthorityAndHasItsOwnKey() throws {
        let authority = try CertificateAuthority.root("ours")
        let leaf = try authority.mint(template)
        let facts = try CertificateFacts(pem: leaf.certificatePEM)
        #expect(facts.isSigned(by: try CertificateFacts(pem: authority.minted.certificatePEM)))
        #expect(facts.hasKey(pem: leaf.keyPEM))
        #expect(!facts.hasKey(pem: authority.minted.keyPEM))
        let other = try CertificateAuthority.root("ours")
        #expect(!facts.isSigned(by: try CertificateFacts(pem: other.minted.certificatePEM)))
    }

    @Test(arguments: [
        ("web.shop.svc", true), ("WEB.shop.svc", true), ("a.example.org", true), ("shop.svc", false), ("", false),
        ("a.b.example.org", false),
    ])
    func namesAreComparedAsClientsDo(_ host: String, _ covered: Bool) throws {
        let leaf = try CertificateAuthority.root("ours").mint(template)
        #expect(try CertificateFacts(pem: leaf.certificatePEM).covers(host: host) == covered)
    }

    @Test func validityIsThatOfTheTemplate() throws {
        var template = template
        template.validFrom = -120
        template.validTo = 7200
        let leaf = try CertificateAuthority.root("ours").mint(template)
        let facts = try CertificateFacts(pem: leaf.certificatePEM)
        #expect(facts.notAfter - facts.notBefore == 7320)
        #expect(abs(facts.notAfter - Int64(time(nil)) - 7200) < 60)
    }

    @Test func anAuthorityIsTheSameAfterItIsReadAgain() throws {
        let first = try CertificateAuthority.root("ours")
        let again = try CertificateAuthority(
            certificatePEM: first.minted.certificatePEM, keyPEM: first.minted.keyPEM)
        let leaf = try CertificateFacts(pem: try again.mint(template).certificatePEM)
        #expect(leaf.isSigned(by: try CertificateFacts(pem: first.minted.certificatePEM)))
    }

    /// N01: a rotated authority has the name of the old one, and both are trusted for a while.
    @Test func authoritiesOfTheSameNameAreToldApart() throws {
        let (old, new) = (
            try CertificateAuthority.root("front-proxy-ca"), try CertificateAuthority.root("front-proxy-ca")
        )
        let verifier = try CertificateVerifier(pem: old.minted.certificatePEM + new.minted.certificatePEM)
        for authority in [old, new] {
            let leaf = try authority.mint(CertificateTemplate(commonName: "front-proxy-client"))
            #expect(try verifier.verify(leaf.chainDER, at: Int64(time(nil))).commonName == "front-proxy-client")
        }
    }

    @Test func partsThatDontBelongTogetherAreRefused() throws {
        let one = try CertificateAuthority.root("one").minted
        let two = try CertificateAuthority.root("two").minted
        let leaf = try CertificateAuthority.root("three").mint(template)
        for (certificate, key) in [
            (one.certificatePEM, two.keyPEM), (leaf.certificatePEM, leaf.keyPEM), (Array("x".utf8), one.keyPEM),
            (one.certificatePEM, []), ([], []),
        ] {
            #expect(throws: TransportError(.badCertificate, "")) {
                try CertificateAuthority(certificatePEM: certificate, keyPEM: key)
            }
        }
        #expect(throws: TransportError(.badCertificate, "")) { try CertificateFacts(pem: Array("nothing".utf8)) }
    }

    @Test func aTemplateThatOpenSSLRefusesIsAnError() throws {
        var template = template
        template.alternativeNames = "NONSENSE:x"
        let authority = try CertificateAuthority.root("ours")
        #expect(throws: TransportError(.badCertificate, "")) { try authority.mint(template) }
    }
}
