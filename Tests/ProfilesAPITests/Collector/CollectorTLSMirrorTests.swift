import APIMachinery
import HTTPTransport
import NIOHTTP1
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// A mirror of a collector behind TLS whose certificate goes bad: the collector is away, and nothing is said to be missing.
@Suite struct CollectorTLSMirrorTests {
    enum Fault: String, CaseIterable, Sendable {
        case otherAuthority, otherName, expired, noTLS
    }

    private static func broken(_ fault: Fault, _ certificates: TestCertificates) throws -> TestCertificates.Pair? {
        var subject = TestCertificates.Subject.server
        switch fault {
        case .otherAuthority: break
        case .otherName: subject.alternativeNames = "DNS:collector.example"
        case .expired: (subject.validFrom, subject.validTo) = (-7200, -3600)
        case .noTLS: return nil
        }
        return try certificates.mint(subject, name: "broken", byOther: fault == .otherAuthority)
    }

    @Test(arguments: Fault.allCases)
    func aCertificateThatGoesBadIsAnOutageLikeAnyOther(_ fault: Fault) async throws {
        let certificates = try TestCertificates()
        let good = try await FakeCollector.start(certificate: certificates.server)
        let row = good.add("web", "cpu", bytes: untimed)
        let tls = ClientTLSConfiguration(trust: .authorities(.file(certificates.authority.certificateFile)))
        do {
            try await MirrorFixture.with(good.url, tls: tls) { fixture async throws in
                #expect(await fixture.poll())
                #expect(try await fixture.api.profileNames() == [row.xid])
                #expect(try await fixture.api.send(.GET, TestAPI.all).warnings == [])
                await good.stop()
                let bad = try await FakeCollector.start(
                    port: good.port, certificate: try Self.broken(fault, certificates))
                do {
                    try await Self.isAway(fixture, row, fault)
                    #expect(bad.requestCount == 0)
                    await bad.stop()
                } catch {
                    await bad.stop()
                    throw error
                }
                try await good.restart()
                #expect(await fixture.poll())
                let read = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download"))
                #expect(read.body == untimed)
                #expect(try await fixture.api.create(TestAPI.profiles, try profileObject()).status == 201)
            }
            await good.stop()
        } catch {
            await good.stop()
            throw error
        }
    }

    private static func isAway(_ fixture: MirrorFixture, _ row: FakeCollectorRow, _ fault: Fault) async throws {
        #expect(await !fixture.poll())
        let list = try await fixture.api.send(.GET, TestAPI.all)
        #expect(list.status == 200 && list.names == [row.xid])
        let code = fault == .noTLS ? "garbage" : "untrusted"
        #expect(list.warnings.first?.contains("(\(code))") == true, "\(list.warnings)")
        for path in [TestAPI.profile("default", row.xid, "download"), TestAPI.profile("default", sampleXID)] {
            let answer = try await fixture.api.send(.GET, path)
            #expect(answer.status == 503, "\(path): \(answer.text)")
            #expect(answer.header("retry-after") != nil)
        }
        let download = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download"))
        #expect(fault == .noTLS || download.message.contains("its certificate is not trusted"), "\(download.message)")
        let sent = try await fixture.api.create(TestAPI.profiles, try profileObject())
        #expect(sent.status == 503)
        #expect(sent.header("retry-after") != nil)
    }
}
