import Foundation
import TestSupport
import Testing

/// What the command line says is what the server does: flags whose way into the server nothing else would miss.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct FlagTests {
    /// The home's flags with `--cert-dir` in the place of the two files.
    private func withDirectory(_ home: ServerHome) -> [String] {
        var flags = home.flags()
        for flag in ["--tls-cert-file", "--tls-private-key-file"] {
            if let index = flags.firstIndex(of: flag) { flags.removeSubrange(index...index + 1) }
        }
        return flags + ["--cert-dir", home.directory.path("certs")]
    }

    @Test func `certificate, oldest version and limits of a connection are those of the flags`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        let flags = [
            "--tls-min-version", "VersionTLS13", "--max-header-bytes", "8192", "--http2-max-streams-per-connection",
            "17", "--http2-max-frame-bytes", "32768", "--request-timeout", "2s", "--log-format", "json",
        ]
        try await RunningServer.start(in: home, flags: flags, instead: withDirectory(home)).use { server in
            for version in ["--http1.1", "--http2"] {
                #expect(try await server.curl("/livez", as: nil, version, "--tlsv1.3").status == 200)
                let large = "X-Large: " + String(repeating: "a", count: 9000)
                #expect(try await server.curl("/livez", as: nil, version, "-H", large).status == 431)
            }
            await #expect(throws: Trouble.self) { try await server.curl("/livez", as: nil, "--tls-max", "1.2") }
            // A body that doesn't come: the deadline is that of the request, long before that of a body.
            let pipe = Pipe()
            let stalled = try Tool.curl.start(
                [
                    "-sS", "--cacert", home.directory.path("certs/ca.crt"), "-T", ".", "-X", "POST", "-H",
                    "Authorization: Bearer \(ServerHome.Client.admin.rawValue)",
                    server.url + RunningServer.uploads("shop"),
                ], input: .pipe(pipe.fileHandleForReading))
            try await using(stalled, endedBy: { await $0.stop() }) { stalled in
                try pipe.fileHandleForWriting.write(contentsOf: Data([0x1F]))
                try await stalled.wait("the request has no more time") { out, _ in out.contains("\"code\": 504") }
            }
            #expect(server.log.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
        }
    }

    @Test func `cipher suites and requests at a time are those of the flags`() async throws {
        let suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        try await RunningServer.with(flags: ["--tls-cipher-suites", suite, "--max-requests-inflight", "1"]) { server in
            let old = ["--tls-max", "1.2", "--ciphers"]
            #expect(try await server.curl("/livez", as: nil, old + ["ECDHE-ECDSA-AES256-GCM-SHA384"]).status == 200)
            await #expect(throws: Trouble.self) {
                try await server.curl("/livez", as: nil, old + ["ECDHE-ECDSA-AES128-GCM-SHA256"])
            }
            // A reader that hardly reads holds the only place: more is on its way than all sockets take.
            let file = server.home.directory.url.appendingPathComponent("trace")
            let noise = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/urandom")).read(upToCount: 32 << 20)
            try (Data("go 1.22 trace\0\0\0".utf8) + (noise ?? Data())).write(to: file)
            let made = try await server.upload("shop", query: "type=trace", file)
            let name = try #require(made["metadata"]["name"].string)
            let download = RunningServer.path("shop", name, "download")
            let reader = try server.startCurl(download, as: .admin, "--http1.1", "--limit-rate", "10k")
            try await using(reader, endedBy: { await $0.stop() }) { reader in
                try await eventually("the download has begun") { !reader.printed.out.isEmpty }
                let refused = try await server.curl(RunningServer.path("shop"))
                #expect(refused.status == 429 && refused.headers["retry-after"] == ["1"], "\(refused.text)")
                #expect(try await server.curl("/readyz", as: nil).status == 200)
            }
            try await eventually("there is a place again") {
                try await server.curl(RunningServer.path("shop")).status == 200
            }
        }
    }
}
