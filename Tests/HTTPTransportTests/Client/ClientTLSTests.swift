import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import HTTPTransport

/// Whom the client believes, who it is, and what it says where it doesn't.
@Suite(.timeLimit(.minutes(3)))
struct ClientTLSTests {
    private static func authorities(_ certificates: TestCertificates) -> ClientTLSConfiguration {
        ClientTLSConfiguration(trust: .authorities(.bytes(certificates.authority.certificatePEM)))
    }

    /// Answers with the CN of the certificate that the client presented, and the name it asked for.
    private static func describe(_ certificates: TestCertificates) throws
        -> @Sendable (
            HTTPRequest, consuming ResponseWriter
        ) async -> Void
    {
        let verifier = try CertificateVerifier(pem: certificates.authority.certificatePEM)
        return { request, response in
            let tls = request.connection.tls
            let now = Int64(Date().timeIntervalSince1970)
            let identity = try? verifier.verify(tls?.certificates ?? [], at: now)
            let text = "\(identity?.commonName ?? "-") \(tls?.serverName ?? "-")"
            response.send(.init(status: .ok), body: ByteBuffer(string: text))
        }
    }

    private static func with<R>(
        serving subject: TestCertificates.Subject = .server, byOther: Bool = false,
        _ body: (_ port: Int, TestCertificates) async throws -> R
    ) async throws -> R {
        let certificates = try TestCertificates()
        let pair = try certificates.mint(subject, name: "serving", byOther: byOther)
        let server = try await TestServer.start(
            certificates: certificates,
            configure: {
                $0.tls = TLSConfiguration(certificateFile: pair.certificateFile, privateKeyFile: pair.keyFile)
            }, handler: ClosureHandler(try describe(certificates)))
        do {
            let result = try await body(server.port, certificates)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private static func request(_ port: Int, host: String = "localhost") -> ClientRequest {
        ClientRequest(scheme: .https, host: host, port: port)
    }

    // MARK: trust

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var subject = TestCertificates.Subject.server
        var byOther = false
        var host = "localhost"
        var serverName: String?
        /// Nil: it is trusted.
        let message: String?
    }

    static let refusals: [Refusal] = {
        var expired = TestCertificates.Subject.server
        expired.validFrom = -7200
        expired.validTo = -3600
        var future = TestCertificates.Subject.server
        future.validFrom = 3600
        future.validTo = 7200
        var forClients = TestCertificates.Subject.server
        forClients.usage = "clientAuth"
        var nameless = TestCertificates.Subject.server
        nameless.commonName = "localhost"
        nameless.alternativeNames = nil
        var wild = TestCertificates.Subject.server
        wild.alternativeNames = "DNS:*.profefe.svc"
        return [
            Refusal(testDescription: "name", message: nil),
            Refusal(testDescription: "address", host: "127.0.0.1", message: nil),
            Refusal(testDescription: "server name", host: "127.0.0.1", serverName: "api.profefe.svc", message: nil),
            Refusal(testDescription: "server name with a dot", serverName: "api.profefe.svc.", message: nil),
            Refusal(testDescription: "wildcard", subject: wild, serverName: "a.profefe.svc", message: nil),
            Refusal(
                testDescription: "wildcard of two labels", subject: wild, serverName: "a.b.profefe.svc",
                message: "it is valid for DNS:*.profefe.svc, not for a.b.profefe.svc"),
            Refusal(
                testDescription: "wrong name", serverName: "other.profefe.svc",
                message:
                    "it is valid for DNS:localhost, DNS:api.profefe.svc, IP Address:127.0.0.1, not for other.profefe.svc"
            ),
            Refusal(
                testDescription: "wrong address", serverName: "10.1.2.3",
                message: "it is valid for DNS:localhost, DNS:api.profefe.svc, IP Address:127.0.0.1, not for 10.1.2.3"),
            Refusal(
                testDescription: "the CN is no name", subject: nameless,
                message: "it is valid for no name at all, not for localhost"),
            Refusal(testDescription: "expired", subject: expired, message: "it, of CN=profefe-apiserver, expired on "),
            Refusal(
                testDescription: "not yet valid", subject: future,
                message: "it, of CN=profefe-apiserver, is not valid before "),
            Refusal(
                testDescription: "unknown CA", byOther: true,
                message: "unable to get local issuer certificate (it, of CN=profefe-apiserver, issued by CN=another CA)"
            ),
            Refusal(testDescription: "a client's certificate", subject: forClients, message: "purpose"),
        ]
    }()

    @Test(arguments: refusals)
    func aCertificateIsTrustedOrRefusedWithTheReason(_ refusal: Refusal) async throws {
        try await Self.with(serving: refusal.subject, byOther: refusal.byOther) { port, certificates in
            var tls = Self.authorities(certificates)
            tls.serverName = refusal.serverName
            try await TestClient.with(tls) { client in
                let request = Self.request(port, host: refusal.host)
                let error = await TestClient.failure { try await TestClient.text(client, request) }
                guard let message = refusal.message else {
                    #expect(error == nil)
                    return
                }
                #expect(error?.code == .badCertificate)
                let beginning = "the certificate of \(refusal.host):\(port) is not trusted: "
                #expect(error?.message.hasPrefix(beginning) == true)
                #expect(error?.message.contains(message) == true, "\(error?.message ?? "-")")
                #expect(client.connectionCounts == (0, 0))
            }
        }
    }

    @Test func withoutVerificationAnythingGoes() async throws {
        try await Self.with(byOther: true) { port, _ in
            try await TestClient.with(.init(trust: .insecureSkipVerify)) { client in
                let text1 = try await TestClient.text(client, Self.request(port, host: "127.0.0.1"))
                #expect(text1 == "- -")
            }
        }
    }

    @Test func theSystemsRootsDoNotKnowATestCA() async throws {
        try await Self.with { port, _ in
            try await TestClient.with(ClientTLSConfiguration()) { client in
                let error = await TestClient.failure { try await client.execute(Self.request(port)) }
                #expect(error?.code == .badCertificate)
            }
        }
    }

    @Test func aLeafMayBeItsOwnAnchor() async throws {
        try await Self.with { port, certificates in
            let leaf = try #require(try? PEMSource.file("\(certificates.directory)/serving.crt").read())
            try await TestClient.with(.init(trust: .authorities(.bytes(leaf)))) { client in
                let text2 = try await TestClient.text(client, Self.request(port))
                #expect(text2 == "- localhost")
            }
        }
    }

    // MARK: identity

    @Test(arguments: [true, false])
    func aClientCertificateIsPresented(fromFiles: Bool) async throws {
        try await Self.with { port, certificates in
            let pair = try certificates.mint(.init(commonName: "jane"), name: "jane")
            var tls = Self.authorities(certificates)
            tls.identity =
                fromFiles
                ? .init(certificate: .file(pair.certificateFile), privateKey: .file(pair.keyFile))
                : .init(certificate: .bytes(pair.certificatePEM), privateKey: .bytes(pair.keyPEM))
            try await TestClient.with(tls) { client in
                let text3 = try await TestClient.text(client, Self.request(port))
                #expect(text3 == "jane localhost")
            }
        }
    }

    @Test func aClientCertificateUnderAnIntermediateComesWithIt() async throws {
        try await Self.with { port, certificates in
            let pair = try certificates.mintWithIntermediate(.init(commonName: "ann"), name: "ann")
            var tls = Self.authorities(certificates)
            tls.identity = .init(certificate: .file(pair.certificateFile), privateKey: .file(pair.keyFile))
            try await TestClient.with(tls) { client in
                let text4 = try await TestClient.text(client, Self.request(port))
                #expect(text4 == "ann localhost")
            }
        }
    }

    @Test func filesThatChangeAreTakenOverByNewConnections() async throws {
        try await Self.with { port, certificates in
            let first = try certificates.mint(.init(commonName: "first"), name: "rotating")
            var tls = Self.authorities(certificates)
            tls.identity = .init(certificate: .file(first.certificateFile), privateKey: .file(first.keyFile))
            tls.reloadInterval = .zero
            try await TestClient.with(tls) { client in
                let text5 = try await TestClient.text(client, Self.request(port))
                #expect(text5 == "first localhost")
                let second = try certificates.mint(.init(commonName: "second"), name: "spare")
                // Between the two files nothing changes.
                try TestCertificates.replaceFile(first.certificateFile, with: second.certificatePEM)
                let text6 = try await TestClient.text(client, Self.request(port))
                #expect(text6 == "first localhost")
                #expect(client.tlsFault?.code == .badCertificate)
                try TestCertificates.replaceFile(first.keyFile, with: second.keyPEM)
                let text7 = try await TestClient.text(client, Self.request(port))
                #expect(text7 == "second localhost")
                #expect(client.tlsFault == nil)
            }
        }
    }

    @Test func reloadReadsAtOnceAndSaysWhatIsWrong() async throws {
        try await Self.with { port, certificates in
            let file = "\(certificates.directory)/bundle.crt"
            try TestCertificates.replaceFile(file, with: certificates.otherAuthority.certificatePEM)
            var tls = ClientTLSConfiguration(trust: .authorities(.file(file)))
            tls.reloadInterval = .seconds(3600)
            try await TestClient.with(tls) { client in
                let refused = await TestClient.failure { try await client.execute(Self.request(port)) }
                #expect(refused?.code == .badCertificate)
                try TestCertificates.replaceFile(file, with: Array("no certificate".utf8))
                let fault = await TestClient.failure { try await client.reloadTLS() }
                #expect(fault?.code == .badCertificate)
                #expect(fault?.message.contains(file) == true)
                try TestCertificates.replaceFile(file, with: certificates.authority.certificatePEM)
                try await client.reloadTLS()
                let text8 = try await TestClient.text(client, Self.request(port))
                #expect(text8 == "- localhost")
            }
        }
    }

    static let unusable: [(String, @Sendable (TestCertificates) -> ClientTLSConfiguration)] = [
        ("no CA file", { _ in .init(trust: .authorities(.file("/nonexistent/ca.crt"))) }),
        ("an empty CA", { _ in .init(trust: .authorities(.bytes([]))) }),
        ("a directory", { .init(trust: .authorities(.file($0.directory))) }),
        (
            "another's key",
            {
                .init(
                    identity: .init(
                        certificate: .bytes($0.server.certificatePEM), privateKey: .bytes($0.authority.keyPEM)))
            }
        ),
        (
            "a certificate as key",
            {
                .init(
                    identity: .init(
                        certificate: .bytes($0.server.certificatePEM), privateKey: .bytes($0.server.certificatePEM)))
            }
        ),
        (
            "a broken second certificate",
            {
                let broken = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
                return .init(
                    identity: .init(
                        certificate: .bytes($0.server.certificatePEM + broken), privateKey: .bytes($0.server.keyPEM)))
            }
        ),
    ]

    @Test(arguments: unusable.indices)
    func whatCannotBeUsedIsSaidBeforeAnyConnection(_ index: Int) async throws {
        let certificates = try TestCertificates()
        try await TestClient.with(Self.unusable[index].1(certificates)) { client in
            let error = await TestClient.failure { try await client.execute(Self.request(1)) }
            #expect(error?.code == .badCertificate, "\(Self.unusable[index].0)")
        }
    }

    // MARK: servers that don't shake hands

    @Test func aServerWithoutTLSIsNamed() async throws {
        try await TestOrigin.say("HTTP/1.0 400 Bad Request\r\n\r\n", thenClose: true) { origin in
            try await TestClient.with(ClientTLSConfiguration()) { client in
                let error = await TestClient.failure {
                    try await client.execute(Self.request(origin.port, host: "127.0.0.1"))
                }
                #expect(error?.code == .protocolViolation)
                #expect(error?.message == "127.0.0.1:\(origin.port) speaks plain HTTP, not TLS")
            }
        }
    }

    @Test(arguments: [
        ("", TransportError.Code.connectionClosed), ("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{28}", .handshakeFailed),
        ("\u{0}\u{0}garbage", .handshakeFailed),
    ])
    func aHandshakeThatFailsIsSaid(_ answer: String, _ expected: TransportError.Code) async throws {
        try await TestOrigin.say(answer, thenClose: true) { origin in
            try await TestClient.with(ClientTLSConfiguration()) { client in
                let requests = (0..<5).map { _ in
                    Task {
                        await TestClient.failure {
                            try await client.execute(Self.request(origin.port, host: "127.0.0.1"))
                        }?.code
                    }
                }
                for request in requests { #expect(await request.value == expected) }
                #expect(client.connectionCounts == (0, 0))
            }
        }
    }

    @Test func aHandshakeThatHangsIsTimedOut() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        try await TestClient.with(ClientTLSConfiguration()) { client in
            var request = Self.request(listener.localAddress?.port ?? 0, host: "127.0.0.1")
            request.deadlines.connect = .milliseconds(80)
            let error = await TestClient.failure { try await client.execute(request) }
            #expect(error?.code == .timedOut)
        }
        try await listener.close()
    }
}
