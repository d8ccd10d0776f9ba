import Foundation
import Glibc
import TestSupport
import Testing

/// The server as its image runs it: under a number that is nobody's, without groups and without a way back.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence),
    .enabled("skipped: only root, with setpriv and a Swift runtime that others can read, can start it as another user")
    {
        try await Unprivileged.isPossible()
    })
struct UnprivilegedTests {
    private func start(in home: ServerHome, flags: [String] = []) async throws -> RunningServer {
        let binary = try Unprivileged.copyServer(to: home.directory)
        try await Unprivileged.give(home.directory)
        let wrapper = [try Tool("setpriv").require().path] + Unprivileged.wrapper
        return try await RunningServer.start(in: home, flags: flags, wrapper: wrapper, binary: binary)
    }

    /// Creates, watches and gets over both protocols; ends the server. The profile's name.
    private func use(_ server: RunningServer) async throws -> String {
        let status = try String(contentsOfFile: "/proc/\(server.processIdentifier)/status", encoding: .utf8)
        #expect(status.contains("Uid:\t65532\t65532\t65532\t65532"))
        let target = RunningServer.path("shop") + "?watch=true"
        let new = try server.startCurl(target, as: .admin, "--http2")
        let old = try server.startCurl(target, as: .admin, "--http1.1")
        let created = try await server.upload("shop")
        let name = try #require(created["metadata"]["name"].string)
        try await new.wait("the event") { out, _ in out.contains(name) }
        try await old.wait("the event") { out, _ in out.contains(name) }
        await new.stop()
        await old.stop()
        let got = try await server.curl(RunningServer.path("shop", name), as: .admin, "--http1.1")
        #expect(got.status == 200 && got.version == "1.1" && got.json["metadata"]["name"].string == name)
        let again = try await server.curl(RunningServer.path("shop", name), as: .admin, "--http2")
        #expect(again.status == 200 && again.version == "2")
        server.send(SIGTERM)
        let ended = try await server.ended()
        #expect(ended.status == 0)
        #expect(!ended.err.contains("denied") && !ended.err.contains("not permitted"), "\(ended.err)")
        return name
    }

    @Test func whoIsNotRootCanServe() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        try home.directory.write(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n", "policy.yaml")
        let flags = [
            "--audit-policy-file", home.directory.path("policy.yaml"), "--audit-log-path",
            home.directory.path("audit/audit.log"),
        ]
        let first = try await start(in: home, flags: flags)
        let name = try await first.use { server in try await use(server) }
        // What it has written it can read again, and go on with.
        let second = try await start(in: home, flags: flags)
        try await second.use { server in
            let got = try await server.curl(RunningServer.path("shop", name))
            #expect(got.status == 200)
            _ = try await server.upload("shop")
        }
    }
}
