import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

/// The client against the servers of others.
@Suite(.timeLimit(.minutes(3)))
struct ClientJudgesTests {
    private static func authorities(_ certificates: TestCertificates) -> ClientTLSConfiguration {
        ClientTLSConfiguration(trust: .authorities(.bytes(certificates.authority.certificatePEM)))
    }

    private static func request(_ port: Int) -> ClientRequest {
        ClientRequest(scheme: .https, host: "localhost", port: port)
    }

    @Test(.enabled(if: Tool("openssl").isPresent), arguments: ["-tls1_2", "-tls1_3"])
    func aServerThatDemandsACertificateIsToldApart(version: String) async throws {
        let certificates = try TestCertificates()
        let arguments = [
            "-www", "-quiet", version, "-cert", certificates.server.certificateFile, "-key",
            certificates.server.keyFile,
            "-Verify", "2", "-verify_return_error", "-CAfile", certificates.authority.certificateFile,
        ]
        try await ToolServer.with(Tool("openssl"), { ["s_server", "-accept", "127.0.0.1:\($0)"] + arguments }) {
            server in
            let request = Self.request(server.port)
            try await TestClient.with(Self.authorities(certificates)) { client in
                let error = await TestClient.failure { try await TestClient.text(client, request) }
                #expect(error?.code == .handshakeFailed)
                #expect(error?.message.contains("demands a client certificate") == true, "\(error?.message ?? "-")")
            }
            let stranger = try certificates.mint(.init(commonName: "stranger"), name: "stranger", byOther: true)
            var tls = Self.authorities(certificates)
            tls.identity = .init(certificate: .bytes(stranger.certificatePEM), privateKey: .bytes(stranger.keyPEM))
            try await TestClient.with(tls) { client in
                let error = await TestClient.failure { try await TestClient.text(client, request) }
                #expect(error?.code == .handshakeFailed)
                #expect(error?.message.contains("refuses the client certificate") == true, "\(error?.message ?? "-")")
            }
            let friend = try certificates.mint(.init(commonName: "friend"), name: "friend")
            tls.identity = .init(certificate: .bytes(friend.certificatePEM), privateKey: .bytes(friend.keyPEM))
            try await TestClient.with(tls) { client in
                let text9 = try await TestClient.text(client, request).contains("friend")
                #expect(text9 == true)
            }
        }
    }

    @Test(.enabled(if: Tool("openssl").isPresent), arguments: ["-tls1_2", "-tls1_3"])
    func aLaterConnectionResumesTheSession(version: String) async throws {
        let certificates = try TestCertificates()
        let arguments = [
            "-www", "-quiet", version, "-cert", certificates.server.certificateFile, "-key",
            certificates.server.keyFile,
        ]
        try await ToolServer.with(Tool("openssl"), { ["s_server", "-accept", "127.0.0.1:\($0)"] + arguments }) {
            server in
            try await TestClient.with(Self.authorities(certificates)) { client in
                let request = Self.request(server.port)
                let text10 = try await TestClient.text(client, request).contains("New, TLSv1")
                #expect(text10 == true)
                let text11 = try await TestClient.text(client, request).contains("Reused, TLSv1")
                #expect(text11 == true)
                let text12 = try await TestClient.text(client, request).contains("Reused, TLSv1")
                #expect(text12 == true)
            }
        }
    }

    @Test(.enabled(if: Tool("nghttpd").isPresent), arguments: [10_000, 3 << 20])
    func nghttpdIsUnderstood(size: Int) async throws {
        let certificates = try TestCertificates()
        let content = (0..<size).map { UInt8($0 % 251) }
        try TestCertificates.replaceFile("\(certificates.directory)/file", with: content)
        let files = [certificates.server.keyFile, certificates.server.certificateFile]
        try await ToolServer.with(
            Tool("nghttpd"), { ["-d", certificates.directory, "-m", "10", "-a", "127.0.0.1", "\($0)"] + files }
        ) { server in
            try await TestClient.with(trusting: certificates) { client in
                var request = Self.request(server.port)
                request.target = "/file"
                let tasks = (0..<40).map { _ in
                    Task { [request] in
                        let response = try await client.execute(request)
                        return (response.version, Array(try await response.collect(upTo: size).readableBytesView))
                    }
                }
                for task in tasks {
                    let (version, bytes) = try await task.value
                    #expect(version == .http2)
                    #expect(bytes == content)
                }
                request.target = "/none"
                let text13 = try await client.execute(request).head.status
                #expect(text13 == .notFound)
            }
        }
    }

    @Test(.enabled(if: Tool("nginx").isPresent), arguments: ["http2", ""])
    func nginxIsUnderstood(http2: String) async throws {
        let certificates = try TestCertificates()
        let directory = certificates.directory
        func configuration(_ port: Int) -> [UInt8] {
            Array(
                """
                daemon off; master_process off; pid \(directory)/pid; error_log stderr;
                events {}
                http {
                    access_log off; client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy;
                    fastcgi_temp_path \(directory)/f; uwsgi_temp_path \(directory)/u; scgi_temp_path \(directory)/s;
                    server {
                        listen 127.0.0.1:\(port) ssl \(http2); http2_max_requests 50;
                        ssl_certificate \(certificates.server.certificateFile);
                        ssl_certificate_key \(certificates.server.keyFile);
                        location / { return 200 "$request_method $server_protocol $http_host"; }
                    }
                }
                """.utf8)
        }
        try await ToolServer.with(
            Tool("nginx"),
            { port in
                try? TestCertificates.replaceFile("\(directory)/nginx.conf", with: configuration(port))
                return ["-p", directory, "-c", "\(directory)/nginx.conf"]
            }
        ) { server in
            try await TestClient.with(trusting: certificates) { client in
                let expected = "GET \(http2.isEmpty ? "HTTP/1.1" : "HTTP/2.0") localhost:\(server.port)"
                // nginx sends GOAWAY after 50 requests: nobody may notice.
                for _ in 0..<130 {
                    let found = try await TestClient.text(client, Self.request(server.port))
                    #expect(found == expected)
                }
                let tasks = (0..<200).map { _ in Task { try await TestClient.text(client, Self.request(server.port)) } }
                for task in tasks {
                    let found = try await task.value
                    #expect(found == expected)
                }
            }
        }
    }
}
