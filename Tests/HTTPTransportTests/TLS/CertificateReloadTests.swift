import HTTPTransport
import NIOCore
import TestSupport
import Testing

/// Certificates that change while the server runs.
@Suite(.timeLimit(.minutes(2)), .enabled(if: Tool.curl.isPresent && Tool.openssl.isPresent))
struct CertificateReloadTests {
    static func subject(_ server: TestServer) async throws -> String {
        let text = try await TLSTests.openssl(server, [])
        return text.split(separator: "\n").first { $0.contains("subject=") }.map(String.init) ?? text
    }

    @Test func `changed files are served to new connections, mismatched ones never`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            observer: happenings, configure: { $0.tls?.reloadInterval = .milliseconds(20) }, handler: TLSTests.describe
        ) { server in
            let files = server.certificates.server
            let next = try server.certificates.mint(
                .init(commonName: "second", alternativeNames: "DNS:localhost,IP:127.0.0.1", usage: "serverAuth"),
                name: "next")
            let text1 = try await Self.subject(server)
            #expect(text1.contains("profefe-apiserver"))
            // The certificate alone: it doesn't match the key.
            try TestCertificates.replaceFile(files.certificateFile, with: next.certificatePEM)
            await happenings.wait("not reloaded")
            let text2 = try await Self.subject(server)
            #expect(text2.contains("profefe-apiserver"))
            try TestCertificates.replaceFile(files.keyFile, with: next.keyPEM)
            await happenings.wait("reloaded")
            let text3 = try await Self.subject(server)
            #expect(text3.contains("second"))
        }
    }

    @Test(.enabled(if: Tool.h2load.isPresent))
    func `no request is lost while certificates change under load`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            observer: happenings, configure: { $0.tls?.reloadInterval = .milliseconds(10) }, handler: TLSTests.describe
        ) { server in
            async let load = Tool.h2load.run(["-n", "3000", "-c", "8", "-m", "8", server.url + "/"])
            for round in 1...5 {
                let next = try server.certificates.mint(.server, name: "round")
                try TestCertificates.replaceFile(server.certificates.server.certificateFile, with: next.certificatePEM)
                try TestCertificates.replaceFile(server.certificates.server.keyFile, with: next.keyPEM)
                await happenings.wait("reloaded", round)
            }
            let result = try await load
            #expect(result.text.contains("3000 succeeded, 0 failed, 0 errored"))
        }
    }

    @Test(arguments: ["no file", "mismatch", "suite"])
    func `a server doesn't start on a broken configuration`(kind: String) async throws {
        let certificates = try TestCertificates()
        let other = try certificates.mint(.server, name: "other")
        let expected: TransportError.Code = kind == "suite" ? .configuration : .badCertificate
        await #expect(throws: TransportError(expected, "")) {
            _ = try await TestServer.start(
                certificates: certificates,
                configure: { configuration in
                    switch kind {
                    case "no file": configuration.tls?.certificateFile = certificates.directory + "/absent"
                    case "mismatch": configuration.tls?.privateKeyFile = other.keyFile
                    default: configuration.tls?.cipherSuites = ["TLS_RSA_WITH_NOTHING"]
                    }
                }, handler: ClosureHandler(TLSTests.describe))
        }
    }
}
