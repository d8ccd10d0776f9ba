import Foundation
import TestSupport
import Testing

/// SIGTERM: readiness first, then clients are sent away, nothing is torn. S01.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct ShutdownTests {
    /// A body that takes a slow reader some seconds: an execution trace is stored as it is.
    private func uploadLarge(_ server: RunningServer, bytes count: Int) async throws -> (name: String, digest: String) {
        var bytes = Array("go 1.22 trace\0\0\0".utf8)
        var generator = SystemRandomNumberGenerator()
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
        let file = server.home.directory.url.appendingPathComponent("trace")
        try Data(bytes).write(to: file)
        let made = try await server.upload("shop", query: "type=trace", file)
        return (try #require(made["metadata"]["name"].string), sha256(bytes))
    }

    @Test func `S01 after SIGTERM the server is not ready, serves on, ends watches and lets downloads end`()
        async throws
    {
        try await RunningServer.with(flags: ["--shutdown-delay-duration", "4s"]) { server in
            let (name, digest) = try await uploadLarge(server, bytes: 24 << 20)
            let download = RunningServer.path("shop", name, "download")
            let watch = try server.startCurl(RunningServer.path("shop") + "?watch=true")
            let oldWatch = try server.startCurl(RunningServer.path("shop") + "?watch=true", as: .admin, "--http1.1")
            let slow = try server.startCurl(download, as: .admin, "--http2", "--limit-rate", "3M")
            let oldSlow = try server.startCurl(download, as: .admin, "--http1.1", "--limit-rate", "3M")
            for program in [watch, oldWatch] {
                try await program.wait("the first event") { out, _ in out.contains("ADDED") }
            }
            try await eventually("the downloads have begun") { [slow, oldSlow].allSatisfy { !$0.printed.out.isEmpty } }

            server.send(SIGTERM)
            try await eventually("/readyz fails") { try await server.curl("/readyz", as: nil).status == 500 }
            #expect(try await server.curl("/readyz?verbose", as: nil).text.contains("[-]shutdown failed"))
            #expect(try await server.curl("/livez", as: nil).status == 200)
            #expect(try await server.curl("/apis", as: .nobody).status == 200)
            // Still a whole server: new connections, reads, writes and watches.
            let late = try #require(try await server.upload("shop")["metadata"]["name"].string)
            try await watch.wait("the event of the late profile") { out, _ in out.contains(late) }
            #expect(watch.isRunning && slow.isRunning && oldSlow.isRunning)

            for (program, kind) in [(watch, "HTTP/2"), (oldWatch, "HTTP/1.1")] {
                let ended = try await program.output()
                #expect(ended.status == 0, "the watch over \(kind): \(ended.err)")
                #expect(ended.text.hasSuffix("}\n"), "the watch over \(kind) ends with a whole event")
            }
            #expect(server.isRunning)
            for (program, kind) in [(slow, "HTTP/2"), (oldSlow, "HTTP/1.1")] {
                let ended = try await program.output()
                #expect(ended.status == 0 && sha256(ended.out) == digest, "the download over \(kind): \(ended.err)")
            }
            #expect(try await server.ended().status == 0)
            await #expect(throws: Trouble.self) { try await server.curl("/livez", as: nil) }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a second signal ends the server at once`(_ signal: Int32) async throws {
        try await RunningServer.with(flags: ["--shutdown-delay-duration", "1h"]) { server in
            server.send(signal)
            try await eventually("/readyz fails") { try await server.curl("/readyz", as: nil).status == 500 }
            server.send(signal)
            let ended = try await server.ended(within: .seconds(5))
            #expect(ended.status == 1)
            #expect(server.log.contains("ended at once by a second signal"))
        }
    }

    @Test func `a server with nothing to do ends quickly, and what it held is free`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        for _ in 0..<2 {
            try await RunningServer.start(in: home).use { server in
                server.send(SIGTERM)
                let ended = try await server.ended(within: .seconds(10))
                #expect(ended.status == 0)
                #expect(server.log.contains(#""ended""#))
            }
        }
    }
}
