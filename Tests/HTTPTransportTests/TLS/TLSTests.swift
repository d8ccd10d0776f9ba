import HTTPTransport
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// TLS as curl and openssl see it.
@Suite(.timeLimit(.minutes(2)), .enabled(if: Tool.curl.isPresent && Tool.openssl.isPresent))
struct TLSTests {
    /// Answers with what the handshake told: `version alpn sni certificates`.
    @Sendable static func describe(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        let tls = request.connection.tls
        let text =
            "\(tls?.version ?? "-") \(tls?.applicationProtocol ?? "-") \(tls?.serverName ?? "-") \(tls?.certificates.count ?? -1)\n"
        response.send(.init(status: .ok), body: ByteBuffer(string: text))
    }

    static func curl(_ server: TestServer, _ arguments: String...) async throws -> String {
        try await Tool.curl.run(
            ["-sS", "--max-time", "20", "--cacert", server.certificates.authority.certificateFile, server.url]
                + arguments
        ).everything
    }

    /// What ``describe(_:_:)`` answered, among openssl's own words.
    static func description(in text: String) -> String? {
        text.split(whereSeparator: \.isNewline).map(String.init).last {
            $0.hasPrefix("TLSv1") && $0.contains("localhost")
        }
    }

    static func openssl(_ server: TestServer, _ arguments: [String], input: String = "Q\n") async throws -> String {
        try await Tool.openssl.run(
            [
                "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile",
                server.certificates.authority.certificateFile,
            ] + arguments,
            input: .text(input)
        ).everything
    }

    @Test(arguments: [
        (["--http2", "--tls-max", "1.2"], "TLSv1.2 h2 localhost 0\n"),
        (["--http2", "--tlsv1.3"], "TLSv1.3 h2 localhost 0\n"),
        (["--http1.1", "--tls-max", "1.2"], "TLSv1.2 http/1.1 localhost 0\n"),
        (["--http1.1"], "TLSv1.3 http/1.1 localhost 0\n"),
        (["--no-alpn", "--http1.1"], "TLSv1.3 - localhost 0\n"),
    ])
    func `both versions and both protocols are spoken (T02)`(arguments: [String], expected: String) async throws {
        try await TestServer.with(handler: Self.describe) { server in
            let answer = try await Tool.curl.run(
                ["-sS", "--max-time", "20", "--cacert", server.certificates.authority.certificateFile, server.url]
                    + arguments)
            #expect(answer.everything == expected)
        }
    }

    @Test func `TLS 1.1 is refused, and an unknown protocol`() async throws {
        let happenings = Happenings()
        try await TestServer.with(observer: happenings, handler: Self.describe) { server in
            let text1 = try await Self.openssl(server, ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"])
            #expect(text1.contains("alert"))
            let text2 = try await Self.openssl(server, ["-alpn", "acme-tls/1"])
            #expect(text2.contains("alert"))
            await happenings.wait("handshake handshakeFailed", 2)
        }
    }

    @Test func `the minimum version and the cipher suites are as configured`() async throws {
        try await TestServer.with(
            configure: {
                $0.tls?.minimumVersion = .tls12
                $0.tls?.cipherSuites = ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"]
            }, handler: Self.describe
        ) { server in
            let text3 = try await Self.openssl(server, ["-tls1_2"])
            #expect(text3.contains("ECDHE-ECDSA-CHACHA20-POLY1305"))
            let text4 = try await Self.openssl(server, ["-tls1_3"])
            #expect(text4.contains("TLS_AES_256_GCM_SHA384"))
        }
        try await TestServer.with(configure: { $0.tls?.minimumVersion = .tls13 }, handler: Self.describe) { server in
            let text5 = try await Self.openssl(server, ["-tls1_2"])
            #expect(text5.contains("alert"))
        }
    }

    @Test func `a client certificate is asked for, taken when given, never demanded (T03)`() async throws {
        try await TestServer.with(handler: Self.describe) { server in
            let text6 = try await Self.openssl(server, [])
            #expect(text6.contains("Requested Signature Algorithms"))
            let known = try server.certificates.mint(.init(commonName: "known"), name: "known")
            let unknown = try server.certificates.mint(.init(commonName: "unknown"), name: "unknown", byOther: true)
            let expired = try server.certificates.mint(
                .init(commonName: "old", validFrom: -99, validTo: -9), name: "old")
            // OpenSSL's clients add what they find among the roots they trust: the known CA, not the other one.
            for (pair, count) in [(known, 2), (unknown, 1), (expired, 2)] {
                let answer = try await Self.curl(server, "--cert", pair.certificateFile, "--key", pair.keyFile)
                #expect(answer == "TLSv1.3 h2 localhost \(count)\n")
            }
            let deep = try server.certificates.mintWithIntermediate(.init(commonName: "deep"), name: "deep")
            #expect(
                try await Self.curl(server, "--cert", deep.certificateFile, "--key", deep.keyFile)
                    == "TLSv1.3 h2 localhost 2\n")
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `a session is resumed, with its client certificate`(version: String) async throws {
        try await TestServer.with(handler: Self.describe) { server in
            // Of a CA that the client doesn't know, so that it presents the leaf alone: longer chains get no ticket.
            let pair = try server.certificates.mint(.init(commonName: "known"), name: "known", byOther: true)
            let file = server.certificates.directory + "/session"
            let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            let common = [
                version, "-cert", pair.certificateFile, "-key", pair.keyFile, "-ign_eof", "-servername", "localhost",
            ]
            let first = try await Self.openssl(server, common + ["-sess_out", file], input: request)
            #expect(first.contains("New, TLS"))
            let described = try #require(Self.description(in: first))
            #expect(described.hasSuffix(" localhost 1"))
            #expect(!first.contains("Reused"))
            let second = try await Self.openssl(server, common + ["-sess_in", file], input: request)
            #expect(second.contains("Reused, TLS"))
            #expect(Self.description(in: second) == described)
        }
    }

    @Test func `plain HTTP on the TLS port is told so`() async throws {
        let happenings = Happenings()
        try await TestServer.with(observer: happenings, handler: Self.describe) { server in
            let answer = try await Tool.curl.run(["-sS", "-i", "--max-time", "20", "http://127.0.0.1:\(server.port)/"])
            #expect(answer.text.contains("400 Bad Request"))
            #expect(answer.text.contains("Client sent an HTTP request to an HTTPS server."))
            await happenings.wait("handshake protocolViolation")
        }
    }

    @Test func `connections without a request are no failures (T09)`() async throws {
        let happenings = Happenings()
        try await TestServer.with(observer: happenings, handler: Self.describe) { server in
            for _ in 0..<5 { _ = try await Self.openssl(server, ["-alpn", "h2"]) }
            await happenings.wait("closed after 0", 5)
            #expect(happenings.count("handshake handshakeFailed") == 0)
            #expect(happenings.count("handshake connectionClosed") == 0)
        }
    }

    @Test func `a handshake that stalls is given up`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            observer: happenings, configure: { $0.limits.handshakeTimeout = .milliseconds(50) }, handler: Self.describe
        ) { server in
            // Speaks HTTP/2 without TLS only after the server has closed.
            try? await RawSocket.connectAndWait(port: server.port)
            await happenings.wait("handshake timedOut")
        }
    }

    @Test func `connections over the limit are closed at once`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            observer: happenings,
            configure: {
                $0.limits.connections = 1; $0.limits.handshakeTimeout = .seconds(20)
            }, handler: Self.describe
        ) { server in
            try await RawSocket.withConnection(port: server.port) {
                await happenings.wait("opened")
                try? await RawSocket.connectAndWait(port: server.port)
                await happenings.wait("refused")
            }
        }
    }
}
