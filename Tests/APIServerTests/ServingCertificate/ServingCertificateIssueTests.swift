import APIMachinery
import HTTPTransport
import Testing

@testable import APIServer

#if canImport(Glibc)
    import Glibc
#endif

struct ServingCertificateIssueTests {
    private let hosts = ["profefe-apiserver.kube-system.svc", "localhost"]
    private let day: Int64 = 86400

    private func issue(in days: Int64 = 0, hosts: [String]? = nil) -> ServingCertificateIssue {
        ServingCertificateIssue(
            hosts: hosts ?? self.hosts, lifetimes: ServingCertificateLifetimes(), now: Int64(time(nil)) + days * day)
    }

    @Test func theFirstSecretIsGoodAsItIs() throws {
        let secret = try issue().first()
        #expect(secret.authorities.count == 1)
        #expect(try issue().next(secret, trusted: []) == nil)
        let leaf = try CertificateFacts(pem: secret.certificate)
        #expect(hosts.allSatisfy { leaf.covers(host: $0) })
        #expect(leaf.isSigned(by: try CertificateFacts(pem: secret.bundle)))
    }

    @Test func aSecretIsTheSameAfterItIsReadAgain() throws {
        let secret = try issue().first()
        let object = JSONValue.object(JSONObject([("data", secret.data)]))
        #expect(ServingCertificateSecret(object) == secret)
    }

    @Test(arguments: ["{}", #"{"data":{}}"#, #"{"data":{"ca.crt":"!","ca.key":"","tls.crt":"","tls.key":""}}"#])
    func aSecretOfSomebodyElseIsNone(_ text: String) throws {
        #expect(ServingCertificateSecret(try JSONParser.parse(Array(text.utf8)).value) == nil)
    }

    @Test func aCertificateIsRenewedWhenAThirdOfItsLifeIsLeft() throws {
        let secret = try issue().first()
        #expect(try issue(in: 59).next(secret, trusted: secret.bundle) == nil)
        let next = try #require(try issue(in: 61).next(secret, trusted: secret.bundle))
        #expect(next.authorities == secret.authorities)
        #expect(next.certificate != secret.certificate)
    }

    @Test func anotherNameIsANewCertificateByTheSameAuthority() throws {
        let secret = try issue().first()
        let next = try #require(
            try issue(hosts: ["profefe-apiserver.profefe-system.svc"]).next(secret, trusted: secret.bundle))
        #expect(next.authorities == secret.authorities)
        #expect(try CertificateFacts(pem: next.certificate).covers(host: "profefe-apiserver.profefe-system.svc"))
    }

    /// S03: at no moment is a certificate served that the bundle of before does not vouch for.
    @Test func anAuthorityIsReplacedInSteps() throws {
        let first = try issue().first()
        let days: Int64 = 3650 * 2 / 3 + 1
        // The serving certificate is long over by then: renewed as it should have been.
        var secret = first
        secret.certificate = try CertificateAuthority(
            certificatePEM: first.bundle, keyPEM: first.authorityKey
        ).mint(
            CertificateTemplate(
                commonName: "x", alternativeNames: hosts.map { "DNS:\($0)" }.joined(separator: ","),
                usage: "serverAuth", validTo: Int((days + 90) * day))
        ).certificatePEM

        let published = try #require(try issue(in: days).next(secret, trusted: first.bundle))
        #expect(published.authorities.count == 2)
        #expect(published.authorities.first == first.authorities.first)
        #expect(published.certificate == secret.certificate)
    }

    @Test func nothingIsSignedByAnAuthorityThatClientsDontKnowYet() throws {
        let old = try issue().first()
        let new = try CertificateAuthority.root("new", validTo: 365 * 86400)
        let both = ServingCertificateSecret(
            authorities: old.authorities + [new.minted.certificatePEM], authorityKey: new.minted.keyPEM,
            certificate: old.certificate, key: old.key)
        #expect(try issue().next(both, trusted: old.bundle) == nil)
        let signed = try #require(try issue().next(both, trusted: both.bundle))
        let leaf = try CertificateFacts(pem: signed.certificate)
        #expect(leaf.isSigned(by: try CertificateFacts(pem: new.minted.certificatePEM)))
        #expect(signed.authorities.count == 2)
        // Not at once: replicas may still serve the old one.
        #expect(try issue().next(signed, trusted: signed.bundle) == nil)
        let later = ServingCertificateIssue(
            hosts: hosts, lifetimes: ServingCertificateLifetimes(), now: Int64(time(nil)) + 3700)
        let last = try #require(try later.next(signed, trusted: signed.bundle))
        #expect(last.authorities == [new.minted.certificatePEM])
    }

    @Test func aBrokenPairIsReplacedAtOnce() throws {
        var secret = try issue().first()
        secret.key = try issue().first().key
        let next = try #require(try issue().next(secret, trusted: []))
        #expect(try CertificateFacts(pem: next.certificate).hasKey(pem: next.key))
        secret.authorityKey = Array("no key".utf8)
        #expect(try #require(try issue().next(secret, trusted: [])).authorities != secret.authorities)
    }
}
