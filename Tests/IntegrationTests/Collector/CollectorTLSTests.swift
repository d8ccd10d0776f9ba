import Foundation
import TestSupport
import Testing

/// The built server beside a collector behind TLS, and with its own port of profefe's API behind TLS.
@Suite(.serialized, .timeLimit(.minutes(5)), .serverLog) struct CollectorTLSTests {
    // MARK: the collector's certificate

    private static func flags(_ collector: FakeCollector, _ caFile: String) -> [String] {
        [
            "--store=collector", "--collector-url=\(collector.url)", "--collector-ca-file=\(caFile)",
            "--collector-poll-interval=1s",
        ]
    }

    @Test func profilesOfACollectorBehindTLSAreNative() async throws {
        let certificates = try TestCertificates()
        try await FakeCollector.with(certificate: certificates.server) { collector in
            let bytes = try ProfileFixture.cpu.bytes
            let row = collector.add("web", "cpu", [("namespace", "shop")], bytes: bytes)
            try await RunningServer.with(flags: Self.flags(collector, certificates.authority.certificateFile)) {
                server async throws in
                let list = try await server.curl(RunningServer.path("shop"))
                #expect(list.json["items"].array.compactMap { $0["metadata"]["name"].string } == [row.xid])
                #expect(list.headers["warning"] == nil)
                #expect(try await server.curl(RunningServer.path("shop", row.xid, "download")).body == bytes)
                let sent = try await server.upload("shop", service: "web")
                #expect(collector.rows.contains { $0.xid == sent["metadata"]["name"].string })
            }
        }
    }

    /// A CA that is not the collector's, then the right one in its file: without a restart.
    @Test func aCertificateThatIsNotBelievedIsAnOutageUntilTheFileIsMended() async throws {
        let certificates = try TestCertificates()
        let files = try TemporaryDirectory("ca")
        defer { files.remove() }
        try Data(certificates.otherAuthority.certificatePEM).write(to: files.url.appendingPathComponent("ca.crt"))
        try await FakeCollector.with(certificate: certificates.server) { collector in
            let row = collector.add("web", "cpu", [("namespace", "shop")], bytes: try ProfileFixture.cpu.bytes)
            try await RunningServer.with(flags: Self.flags(collector, files.path("ca.crt"))) { server async throws in
                let list = try await server.curl(RunningServer.path("shop"))
                #expect(list.status == 200)
                #expect(list.headers["warning"]?.first?.contains("untrusted") == true, "\(list.headers)")
                #expect(server.log.contains("the certificate of 127.0.0.1:\(collector.port) is not trusted"))
                let unknown = try await server.curl(RunningServer.path("shop", row.xid))
                #expect(unknown.status == 503)
                #expect(unknown.headers["retry-after"] != nil)
                let cpu = ServerHome.profile("cpu").path
                let upload = try await server.curl(
                    RunningServer.uploads("shop", "web"), as: .admin, "--data-binary", "@\(cpu)")
                #expect(upload.status == 503)
                #expect(collector.requestCount == 0)

                try TestCertificates.replaceFile(files.path("ca.crt"), with: certificates.authority.certificatePEM)
                try await eventually("the profile is mirrored", within: .seconds(60)) {
                    try await server.curl(RunningServer.path("shop", row.xid)).status == 200
                }
            }
        }
    }

    // MARK: --collector-api-tls

    private static let apiFlags = ["--collector-api-address", "127.0.0.1:0", "--collector-api-tls"]
    private static let target = "/api/0/profiles?service=web&type=heap"

    private static func send(
        _ server: RunningServer, _ more: String, as client: ServerHome.Client?
    ) async throws -> Answer {
        let url = "https://127.0.0.1:\(try await server.collectorPort())"
        let token = client.map { "Authorization: Bearer \($0.rawValue)" } ?? "X-None: 1"
        return try await askCollector(
            url, "POST", target: target + more, body: ProfileFixture.heap.bytes, "--cacert",
            server.home.directory.path("certs/ca.crt"), "-H", token)
    }

    @Test func anAgentSendsByTLSIntoTheNamespaceOfItsToken() async throws {
        try await RunningServer.with(flags: Self.apiFlags) { server async throws in
            #expect(!server.log.contains("in the clear"))
            for labels in ["", "&labels=namespace%3Dbank", "&labels=namespace%3Dshop"] {
                let sent = try await Self.send(server, labels, as: .agent)
                #expect(sent.status == 200, "\(labels): \(sent.text)")
                let id = try #require(sent.json["body"]["id"].string)
                #expect(try await server.curl(RunningServer.path("shop", id)).status == 200)
                let told = sent.json["body"]["labels"].array.filter { $0["key"].string == "namespace" }
                #expect(told.allSatisfy { $0["value"].string == "shop" })
            }
            // Others have the rights of a user, in the namespace that they name.
            #expect(try await Self.send(server, "&labels=namespace%3Dshop", as: .uploader).status == 200)
            #expect(try await Self.send(server, "&labels=namespace%3Dbank", as: .uploader).status == 403)
            let nobody = try await Self.send(server, "", as: nil)
            #expect([401, 403].contains(nobody.status))
            #expect(nobody.json["code"].integer == nobody.status)
        }
    }

    @Test func plainHTTPOnThatPortIsToldSo() async throws {
        try await RunningServer.with(flags: Self.apiFlags) { server async throws in
            let answer = try await askCollector(
                try await server.collectorURL(), "POST", target: Self.target, body: [1], "-H",
                "Authorization: Bearer \(ServerHome.Client.agent.rawValue)")
            #expect(answer.status == 400)
            #expect(answer.text.contains("Client sent an HTTP request to an HTTPS server."))
        }
    }

    @Test func bothPortsServeARenewedCertificate() async throws {
        try await RunningServer.with(flags: Self.apiFlags) { server async throws in
            let port = try await server.collectorPort()
            let old = try await server.servedSerial(port: port)
            #expect(try await server.servedSerial() == old)
            try await server.renewCertificate()
            try await eventually("both ports serve the new certificate", within: .seconds(60)) {
                let (main, own) = (try await server.servedSerial(), try await server.servedSerial(port: port))
                return main != old && own == main
            }
            #expect(try await Self.send(server, "", as: .agent).status == 200)
        }
    }
}
