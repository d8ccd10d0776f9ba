import Foundation
import TestSupport
import Testing

/// What an operator sees at the start, and in the log. N12.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ConfigurationTests {
    private func start(_ arguments: [String]) async throws -> ProgramOutput {
        try await Tool(at: try BuiltPrograms.url("profefe-apiserver")).run(arguments, within: .seconds(20))
    }

    @Test func `all faults of a configuration are told at once, with status 2`() async throws {
        let output = try await start([
            "--secure-port", "70000", "--tls-cert-file", "/nowhere/tls.crt", "--tls-min-version", "SSLv3",
            "--log-level", "loud",
            "--log-format", "xml", "--max-requests-inflight=-1", "--request-timeout", "5 minutes",
            "--shutdown-delay-duration", "x",
            "--http2-max-streams-per-connection", "0", "--client-ca-file", "/nowhere/ca.crt", "--pod-manifests",
            "/nowhere/pods.yaml",
        ])
        #expect(output.status == 2)
        for option in [
            "--kubeconfig", "--secure-port", "--tls-cert-file", "--tls-private-key-file", "--tls-min-version",
            "--log-level", "--log-format",
            "--max-requests-inflight", "--request-timeout", "--shutdown-delay-duration",
            "--http2-max-streams-per-connection",
            "--client-ca-file", "--pod-manifests", "--data-dir",
        ] {
            #expect(output.err.contains("\n  \(option): "), "\(option) in \(output.err)")
        }
        #expect(output.err.contains("\"70000\" is not a number from 0 to 65535"))
        #expect(output.err.contains("\"/nowhere/ca.crt\" does not exist"))
    }

    @Test func `files that say nothing of use are faults too`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        try home.directory.write("no PEM here\n", "certs/ca.crt")
        try home.directory.write("one,two\n", "tokens.csv")
        try home.directory.write("kind: [\n", "rbac/dev.yaml")
        // What is wrong with values is told with them.
        let output = try await start(home.flags() + ["--log-level", "loud"])
        #expect(output.status == 2)
        for option in ["--client-ca-file", "--token-auth-file", "--authorization-rbac-file", "--log-level"] {
            #expect(output.err.contains("  \(option): "), "\(option) in \(output.err)")
        }
        #expect(!output.err.contains("token-of"))
    }

    @Test func `an unknown flag is a fault`() async throws {
        let output = try await start(["--anonymous-may-do-everything"])
        #expect(output.status != 0 && output.err.contains("--anonymous-may-do-everything"))
    }

    @Test func `a certificate that does not fit its key is a fault`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        let output = try await start(home.flags() + ["--tls-private-key-file", home.directory.path("certs/admin.key")])
        #expect(output.status == 2)
        #expect(output.err.contains("\n  --tls-private-key-file: "), "\(output.err)")
    }

    @Test func `a port that is taken is told`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        try await RunningServer.start(in: home).use { server in
            let output = try await start(home.flags(data: "other") + ["--secure-port", "\(server.port)"])
            #expect(output.status == 1)
            #expect(output.err.contains("\(server.port)"), "\(output.err)")
        }
    }

    @Test func `help tells each flag with its default`() async throws {
        let help = try await start(["--help"])
        #expect(help.status == 0)
        for flag in [
            "--standalone", "--bind-address", "--secure-port", "--tls-cert-file", "--tls-private-key-file",
            "--cert-dir", "--client-ca-file",
            "--token-auth-file", "--authorization-rbac-file", "--pod-manifests", "--data-dir",
            "--max-requests-inflight",
            "--max-mutating-requests-inflight", "--request-timeout", "--shutdown-delay-duration",
            "--http2-max-streams-per-connection",
            "--log-level", "--log-format", "--tls-min-version", "--tls-cipher-suites",
        ] {
            #expect(help.text.contains("  \(flag)"), "\(flag)")
        }
        #expect(help.text.contains("(default: 6443)"))
        let version = try await start(["--version"])
        #expect(version.status == 0 && version.text.hasPrefix("v"))
    }

    @Test(.enabled(if: Tool.curl.isPresent, Tool.curl.absence))
    func `N12 the JSON log is JSON and holds no secret`() async throws {
        try await RunningServer.with(flags: ["--log-format", "json", "--log-level", "trace"]) { server in
            let secret = "very-secret-token"
            _ = try await server.upload("shop")
            _ = try await server.curl("/nope?token=\(secret)", as: .admin)
            _ = try await server.curl(
                RunningServer.path("shop"), as: nil, "-u", "user:\(secret)", "-H", "Cookie: session=\(secret)")
            let answer = try await server.curl(
                RunningServer.path("shop"), as: nil, "-H", "Authorization: Bearer \(secret)")
            let audit = try #require(answer.headers["audit-id"]?.first)
            try await eventually("the refused request is in the log, with its audit id") { server.log.contains(audit) }
            let lines = server.log.split(separator: "\n")
            for line in lines {
                let json = JSON(Array(line.utf8))
                #expect(
                    json["msg"].string != nil && json["level"].string != nil
                        && json["ts"].string?.hasSuffix("Z") == true, "\(line)")
            }
            for hidden in [secret] + ServerHome.Client.allCases.map(\.rawValue) {
                #expect(!server.log.contains(hidden), "\(hidden)")
            }
        }
    }
}
