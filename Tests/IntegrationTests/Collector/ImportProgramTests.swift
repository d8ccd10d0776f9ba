import Foundation
import TestSupport
import Testing

/// `profefe-apiserver import` as an operator runs it, and the server afterwards.
@Suite(.timeLimit(.minutes(5))) struct ImportProgramTests {
    private func run(_ arguments: String...) async throws -> ProgramOutput { try await run(arguments) }

    private func run(_ arguments: [String]) async throws -> ProgramOutput {
        try await Tool(at: try BuiltPrograms.url("profefe-apiserver")).run(["import"] + arguments)
    }

    @Test func movesACollectorsProfilesIntoANewServer() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        try await FakeCollector.with { collector in
            let row = collector.add(
                "web", "heap", [("namespace", "shop")], createdAt: 1_795_334_400, bytes: try ProfileFixture.heap.bytes)
            let first = try await run("--from", collector.url, "--data-dir", home.directory.path("data"))
            #expect(first.status == 0, "\(first.everything)")
            #expect(first.err.contains("Copied 1 profiles"))

            collector.add("web", "heap", createdAt: 1_795_334_401, bytes: Array("no profile".utf8))
            let second = try await run("--from", collector.url, "--data-dir", home.directory.path("data"))
            #expect(second.status == 3)
            #expect(second.err.contains("1 were there already, 1 could not be taken"))

            try await RunningServer.start(in: home, flags: RunningServer.collectorFlags).use { server in
                let object = try await server.curl(RunningServer.path("shop", row.xid))
                #expect(object.status == 200)
                let url = try await server.collectorURL()
                #expect(try await askCollector(url, target: "/api/0/profiles/\(row.id)").body == row.bytes)
                // The directory is the server's now.
                let locked = try await run("--from", collector.url, "--data-dir", home.directory.path("data"))
                #expect(locked.status == 1)
                #expect(locked.err.contains("do the same again"))
            }
        }
    }

    @Test func aCollectorThatIsNotThereIsStatus1() async throws {
        let files = try TemporaryDirectory("import")
        defer { files.remove() }
        let port = try FreePort.find()
        let output = try await run("--from", "http://127.0.0.1:\(port)", "--data-dir", files.path("data"))
        #expect(output.status == 1)
        #expect(output.err.contains("127.0.0.1:\(port)"))
    }

    @Test func aCollectorBehindTLSIsReadIfItsCertificateIsBelieved() async throws {
        let files = try TemporaryDirectory("import")
        defer { files.remove() }
        let certificates = try TestCertificates()
        try await FakeCollector.with(certificate: certificates.server) { collector in
            collector.add("web", "heap", createdAt: 1_795_334_400, bytes: try ProfileFixture.heap.bytes)
            let place = ["--from", collector.url, "--data-dir", files.path("data")]
            for other in [[], ["--ca-file", certificates.otherAuthority.certificateFile]] {
                let refused = try await run(place + other)
                #expect(refused.status == 1)
                #expect(refused.err.contains("the certificate of 127.0.0.1:\(collector.port) is not trusted"))
            }
            #expect(collector.requestCount == 0)
            let copied = try await run(place + ["--ca-file", certificates.authority.certificateFile])
            #expect(copied.status == 0, "\(copied.everything)")
            #expect(copied.err.contains("Copied 1 profiles"))
        }
    }

    @Test func faultyFlagsAreStatus2() async throws {
        let output = try await run("--from", "nonsense", "--data-dir", "x")
        #expect(output.status == 2)
        #expect(output.err.contains("--from"))
    }
}
