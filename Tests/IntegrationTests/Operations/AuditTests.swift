import Foundation
import Glibc
import TestSupport
import Testing

/// What the built server records. H04, H05.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct AuditTests {
    private static let policy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitManagedFields: true
        rules:
        - {level: None, nonResourceURLs: ["/livez*", "/readyz*", "/healthz*", "/apis*", "/openapi*"]}
        - level: RequestResponse
          resources: [{group: profefe.io, resources: [profilecaptures, "profilecaptures/*"]}]
        - level: Metadata
        """

    /// A server with a policy, and its home.
    private func start(_ more: [String] = [], _ body: (RunningServer, @escaping () -> [JSON]) async throws -> Void)
        async throws
    {
        let home = try await ServerHome()
        defer { home.remove() }
        try home.directory.write(Self.policy, "policy.yaml")
        let log = home.directory.path("audit/audit.log")
        let events = { () -> [JSON] in
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map { JSON(Array($0.utf8)) }
        }
        let flags = ["--audit-policy-file", home.directory.path("policy.yaml"), "--audit-log-path", log] + more
        try await RunningServer.start(in: home, flags: flags).use { try await body($0, events) }
    }

    @Test func `H04 requests are recorded as the policy says, with their audit id and without credentials`()
        async throws
    {
        try await start { server, events in
            let manifest = try String(contentsOf: ServerHome.source("manifests/dev/capture.yaml"), encoding: .utf8)
            let file = server.home.directory.path("one-capture.yaml")
            try manifest.write(toFile: file, atomically: true, encoding: .utf8)
            let created = try await server.curl(
                "\(RunningServer.profiles)/shop/profilecaptures?fieldManager=test&access_token=hidden-one", as: .admin,
                "-H",
                "Audit-Id: my-own-id", "-H", "Content-Type: application/yaml", "-H", "X-Forwarded-For: 192.0.2.7",
                "--data-binary", "@\(file)")
            #expect(created.status == 201, "\(created.text)")
            #expect(created.headers["audit-id"] == ["my-own-id"])
            let refused = try await server.curl(
                RunningServer.path("shop"), as: nil, "-H", "Authorization: Bearer hidden-two")
            #expect(refused.status == 401)
            _ = try await server.upload("shop")
            _ = try await server.curl("/livez", as: nil)
            try await eventually("the events are written") { events().count >= 5 }

            let all = events()
            for event in all {
                #expect(event["kind"].string == "Event" && event["apiVersion"].string == "audit.k8s.io/v1")
                #expect(event["auditID"].string?.isEmpty == false)
            }
            let made = try #require(
                all.first { $0["auditID"].string == "my-own-id" && $0["stage"].string == "ResponseComplete" })
            #expect(made["verb"].string == "create" && made["level"].string == "RequestResponse")
            #expect(made["objectRef"]["resource"].string == "profilecaptures")
            #expect(made["objectRef"]["namespace"].string == "shop")
            #expect(made["user"]["username"].string == "dev-admin" && made["user"]["uid"].string == "uid-1", "N05")
            #expect(made["requestObject"]["kind"].string == "ProfileCapture")
            #expect(made["responseObject"]["metadata"]["uid"].string?.isEmpty == false)
            #expect(made["responseStatus"]["code"].integer == 201)
            #expect(made["sourceIPs"].array.map(\.string) == ["192.0.2.7", "127.0.0.1"])
            #expect(made["annotations"]["authorization.k8s.io/decision"].string == "allow")
            let audit = try #require(refused.headers["audit-id"]?.first)
            let denied = try #require(all.first { $0["auditID"].string == audit })
            #expect(denied["stage"].string == "ResponseStarted" && denied["responseStatus"]["code"].integer == 401)
            let upload = try #require(all.last { $0["objectRef"]["resource"].string == "profileservices" })
            #expect(upload["level"].string == "Metadata" && upload["requestObject"].isNull)
            #expect(!all.contains { $0["requestURI"].string == "/livez" })
            let text = try String(contentsOfFile: server.home.directory.path("audit/audit.log"), encoding: .utf8)
            for hidden in ["hidden-one", "hidden-two"] + ServerHome.Client.allCases.map(\.rawValue) {
                #expect(!text.contains(hidden), "\(hidden)")
            }
            let metrics = try await server.curl("/metrics").text
            #expect(metrics.contains("apiserver_audit_error_total{plugin=\"buffered\"} 0"))
        }
    }

    @Test func `what was recorded is on disk when the server has ended`() async throws {
        try await start(["--audit-log-mode", "batch"]) { server, events in
            for _ in 0..<50 { _ = try await server.curl(RunningServer.path("shop")) }
            server.send(SIGTERM)
            #expect(try await server.ended().status == 0)
            #expect(events().count { $0["stage"].string == "ResponseComplete" } >= 50)
        }
    }

    @Test func `a changed policy takes effect, a faulty one does not`() async throws {
        try await start { server, events in
            _ = try await server.curl(RunningServer.path("shop"))
            try await eventually("the events are written") { events().count == 2 }
            try server.home.directory.write("kind: Policy\n", "policy.yaml")
            try await eventually("the fault is told") { server.log.contains("audit policy changed but is not usable") }
            _ = try await server.curl(RunningServer.path("shop"))
            try await eventually("the events are written") { events().count == 4 }
            try server.home.directory.write(
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n", "policy.yaml")
            try await eventually("the policy is read") { server.log.contains("audit policy reloaded") }
            _ = try await server.curl(RunningServer.path("shop"))
            _ = try await server.curl("/livez", as: nil)
            #expect(events().count == 4)
        }
    }

    @Test func `H05 the trace of a request is in its log line`() async throws {
        try await RunningServer.with(flags: ["--log-requests", "--log-format", "json"]) { server in
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let answer = try await server.curl(
                "/version", as: .admin, "-H", "traceparent: 00-\(trace)-00f067aa0ba902b7-01")
            let audit = try #require(answer.headers["audit-id"]?.first)
            try await eventually("the line is there") { server.log.contains(audit) }
            let line = try #require(server.log.split(separator: "\n").first { $0.contains(audit) })
            #expect(JSON(Array(line.utf8))["traceID"].string == trace)
        }
    }

    @Test func `S01 with shutdown-send-retry-after new requests are sent elsewhere while old ones end`() async throws {
        try await RunningServer.with(flags: ["--shutdown-send-retry-after"]) { server in
            var bytes = Array("go 1.22 trace\0\0\0".utf8)
            bytes += (0..<(12 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
            let file = server.home.directory.url.appendingPathComponent("trace")
            try Data(bytes).write(to: file)
            let made = try await server.upload("shop", query: "type=trace", file)
            let name = try #require(made["metadata"]["name"].string)
            let slow = try server.startCurl(
                RunningServer.path("shop", name, "download"), as: .admin, "--limit-rate", "3M")
            try await eventually("the download has begun") { !slow.printed.out.isEmpty }
            server.send(SIGTERM)
            try await eventually("new requests are refused") {
                try await server.curl(RunningServer.path("shop")).status == 429
            }
            let refused = try await server.curl(RunningServer.path("shop"), as: .admin, "--http1.1")
            #expect(refused.headers["retry-after"] == ["5"] && refused.headers["connection"] == ["close"])
            #expect(try await server.curl("/livez", as: nil).status == 200)
            #expect(try await server.curl("/apis", as: .nobody).status == 200)
            let ended = try await slow.output()
            #expect(ended.status == 0 && sha256(ended.out) == sha256(bytes), "\(ended.err)")
            #expect(try await server.ended().status == 0)
        }
    }
}
