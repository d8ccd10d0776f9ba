import APIMachinery
import HTTPTransport
import ProfefeCollector
import TestSupport
import Testing

/// A collector behind TLS: whose certificate is believed, and what is said of one that isn't.
@Suite struct CollectorTLSTests {
    private static func trusting(_ authority: TestCertificates.Pair) -> ClientTLSConfiguration {
        ClientTLSConfiguration(trust: .authorities(.file(authority.certificateFile)))
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func aCollectorWithABelievedCertificateIsAsAnyOther(_ storage: FakeCollector.Storage) async throws {
        let certificates = try TestCertificates()
        try await FakeCollector.with(storage, certificate: certificates.server) { collector in
            #expect(collector.url.hasPrefix("https://"))
            try await CollectorPeer.client(collector.url, tls: Self.trusting(certificates.authority)) {
                client async throws in
                #expect(try await client.services() == [])
                let sent = try await client.send("web", .cpu, [.init("a", "b")], at: 1_763_712_005)
                let found = try await client.find(CollectorQuery(service: "web", type: .cpu, limit: 10))
                #expect(found.map(\.id) == [sent.id])
                let id = try #require(CollectorID(sent.id))
                #expect(try await client.profile(id) == sample)
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var subject = TestCertificates.Subject.server
        var byOther = false
        let message: String
    }

    static let refusals: [Refusal] = {
        var expired = TestCertificates.Subject.server
        expired.validFrom = -7200
        expired.validTo = -3600
        var elsewhere = TestCertificates.Subject.server
        elsewhere.alternativeNames = "DNS:collector.example"
        return [
            Refusal(testDescription: "another CA", byOther: true, message: "issued by CN=another CA"),
            Refusal(testDescription: "expired", subject: expired, message: "expired on"),
            Refusal(
                testDescription: "another name", subject: elsewhere,
                message: "it is valid for DNS:collector.example, not for 127.0.0.1"),
        ]
    }()

    @Test(arguments: refusals)
    func aCertificateThatIsNotBelievedIsAnOutageWithItsReason(_ refusal: Refusal) async throws {
        let certificates = try TestCertificates()
        let pair = try certificates.mint(refusal.subject, name: "collector", byOther: refusal.byOther)
        try await FakeCollector.with(certificate: pair) { collector in
            try await CollectorPeer.client(collector.url, tls: Self.trusting(certificates.authority)) {
                client async throws in
                for call in Call.allCases {
                    let error = try #require(await Self.error(call, client))
                    #expect(error.code == .untrusted)
                    #expect(error.isOutage)
                    #expect(error.message.contains("127.0.0.1:\(collector.port) is not trusted"), "\(error)")
                    #expect(error.message.contains(refusal.message), "\(error)")
                }
            }
            // Neither a question nor a profile was told to whoever that is.
            #expect(collector.requestCount == 0)
        }
    }

    private enum Call: CaseIterable { case question, profile }

    private static func error(_ call: Call, _ client: CollectorClient) async -> CollectorError? {
        do throws(CollectorError) {
            switch call {
            case .question: _ = try await client.services()
            case .profile: _ = try await client.send("web", at: 1_763_712_005)
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func withoutAFileTheSystemsRootsCount() async throws {
        let certificates = try TestCertificates()
        try await FakeCollector.with(certificate: certificates.server) { collector in
            try await CollectorPeer.client(collector.url) { client async throws in
                #expect(await Self.error(.question, client)?.code == .untrusted)
            }
        }
    }

    /// The two ways of mixing up `http` and `https`: outages, whatever the other side says to it.
    @Test(arguments: [true, false]) func aWrongSchemeIsAnOutage(_ hasTLS: Bool) async throws {
        let certificates = try TestCertificates()
        try await FakeCollector.with(certificate: hasTLS ? certificates.server : nil) { collector in
            let url = "\(hasTLS ? "http" : "https")://127.0.0.1:\(collector.port)"
            try await CollectorPeer.client(url, tls: Self.trusting(certificates.authority)) { client async throws in
                for call in Call.allCases {
                    let error = try #require(await Self.error(call, client))
                    #expect(error.isOutage, "\(error)")
                    #expect(
                        error.message.contains(hasTLS ? "HTTP request to an HTTPS server" : "plain HTTP"), "\(error)")
                }
            }
            #expect(collector.requestCount == 0)
        }
    }
}
