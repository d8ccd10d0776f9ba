import Foundation
import TestSupport
import Testing

/// TLS, HTTP versions and what comes before a resource is named. T02, T03, T08, T10, T14, N02, N06, N08, N10, H01, H03.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct ConnectionTests {
    let server: RunningServer

    init() throws { server = try .shared }

    @Test(arguments: ["--http1.1", "--http2"], ["1.2", "1.3"])
    func `T02 T03 HTTP/1.1 and HTTP/2 over TLS 1.2 and 1.3, without a client certificate`(_ http: String, _ tls: String)
        async throws
    {
        for path in ["/livez", "/readyz", "/healthz"] {
            let answer = try await server.curl(path, as: nil, http, "--tlsv\(tls)", "--tls-max", tls)
            #expect(answer.status == 200 && answer.text == "ok", "\(path)")
            #expect(answer.version == (http == "--http2" ? "2" : "1.1"))
        }
    }

    @Test func `TLS 1.1 is refused`() async throws {
        await #expect(throws: Trouble.self) { try await server.curl("/livez", as: nil, "--tls-max", "1.1") }
        let old = try await Tool.openssl.run([
            "s_client", "-connect", "127.0.0.1:\(server.port)", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0",
        ])
        #expect(old.status != 0)
    }

    @Test func `T03 a certificate is asked for, and not that of a stranger taken`() async throws {
        let handshake = try await Tool.openssl.run(["s_client", "-connect", "127.0.0.1:\(server.port)", "-brief"])
        #expect(handshake.status == 0, "\(handshake.err)")
        let certs = server.home.directory.path("certs")
        for path in [RunningServer.path("shop"), "/livez"] {
            let stranger = try await server.curl(
                path, as: nil, "--cert", "\(certs)/front-proxy-client.crt", "--key", "\(certs)/front-proxy-client.key")
            #expect(stranger.status == 401)
        }
    }

    @Test func `N06 a client certificate names user and groups`() async throws {
        let certificate = [
            "--cert", server.home.directory.path("certs/admin.crt"), "--key",
            server.home.directory.path("certs/admin.key"),
        ]
        for version in ["--http1.1", "--http2"] {
            #expect(try await server.curl("/metrics", as: nil, certificate + [version]).status == 200)
        }
    }

    @Test func `N08 without credentials one is anonymous and may not look`() async throws {
        let answer = try await server.curl(RunningServer.path("shop"), as: nil)
        #expect(answer.status == 403 && answer.json["code"].integer == 403)
        #expect(answer.json["kind"].string == "Status" && answer.json["reason"].string == "Forbidden")
        #expect(
            answer.json["message"].string
                == #"profiles.profefe.io is forbidden: User "system:anonymous" cannot list resource "profiles" in API group "profefe.io" in the namespace "shop""#
        )
        #expect(
            answer.json["details"]["group"].string == "profefe.io"
                && answer.json["details"]["kind"].string == "profiles")
        #expect(answer.headers["x-content-type-options"] == ["nosniff"])
    }

    @Test(arguments: ["Bearer wrong", "Bearer \(ServerHome.Client.admin.rawValue)x", "bearer wrong"])
    func `N08 a bad token is 401`(_ credentials: String) async throws {
        let answer = try await server.curl(RunningServer.path("shop"), as: nil, "-H", "Authorization: \(credentials)")
        #expect(answer.status == 401)
        #expect(answer.json["kind"].string == "Status" && answer.json["apiVersion"].string == "v1")
        #expect(answer.json["message"].string == "Unauthorized" && answer.json["reason"].string == "Unauthorized")
        #expect(answer.json["code"].integer == 401)
    }

    @Test(arguments: [
        ["-u", "dev-admin:\(ServerHome.Client.admin.rawValue)"],
        ["-H", "X-Remote-User: dev-admin", "-H", "X-Remote-Group: system:masters"],
        ["-H", "Authorization: Bearer"],
    ])
    func `N02 N08 Basic and the front proxy's headers count for nothing here`(_ arguments: [String]) async throws {
        let answer = try await server.curl(RunningServer.path("shop"), as: nil, arguments)
        #expect(answer.status == 403)
        #expect(answer.json["message"].string?.contains("system:anonymous") == true)
    }

    @Test(arguments: [
        ("Impersonate-User: dev-admin", 403), ("Impersonate-Group: system:masters", 400),
        ("Impersonate-Extra-a: b", 400),
        ("Impersonate-Uid: 1", 400), ("Impersonate-Other: 1", 403),
    ])
    func `N10 impersonation without the right to it is refused, not ignored`(_ header: String, _ status: Int)
        async throws
    {
        let answer = try await server.curl(RunningServer.path("shop"), as: .nobody, "-H", header)
        #expect(answer.status == status)
        #expect(answer.json["message"].string?.contains("impersonat") == true, "\(answer.text)")
    }

    @Test func `plain HTTP on the TLS port gets a clear 400`() async throws {
        let answer = try await server.curl("http://127.0.0.1:\(server.port)/livez", as: nil)
        #expect(answer.status == 400 && answer.text.contains("HTTPS"))
    }

    @Test func `T08 a client that asks before it sends is told to go on`() async throws {
        let answer = try await server.curl(
            RunningServer.uploads("expect"), as: .admin, "--http1.1", "-H", "Expect: 100-continue",
            "--expect100-timeout", "30",
            "--data-binary", "@\(ServerHome.profile("cpu").path)")
        #expect(answer.statuses == [100, 201])
    }

    @Test func `T08 one that may not send is told so before it does`() async throws {
        let answer = try await server.curl(
            RunningServer.uploads("expect"), as: .nobody, "--http1.1", "-H", "Expect: 100-continue",
            "--expect100-timeout", "30",
            "--data-binary", "@\(ServerHome.profile("cpu").path)")
        #expect(answer.statuses == [403])
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `T08 chunked bodies of unknown length`(_ http: String) async throws {
        let answer = try await server.curl(
            RunningServer.uploads("chunked"), as: .uploader, http, "-H", "Transfer-Encoding: chunked", "-H",
            "Content-Type:",
            "--data-binary", "@\(ServerHome.profile("cpu").path)")
        #expect(answer.status == 403)
        let allowed = try await server.curl(
            RunningServer.uploads("shop"), as: .uploader, http, "-H", "Transfer-Encoding: chunked", "-H",
            "Content-Type:",
            "--data-binary", "@\(ServerHome.profile("cpu").path)")
        #expect(allowed.status == 201, "\(allowed.text)")
        // T10
        #expect(allowed.headers["location"] == nil && allowed.contentType == "application/json")
    }

    @Test func `T14 an upgrade is not taken up`() async throws {
        let answer = try await server.curl(
            RunningServer.path("shop"), as: .admin, "--http1.1", "-H", "Connection: Upgrade", "-H",
            "Upgrade: websocket",
            "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "-H", "Sec-WebSocket-Version: 13")
        // A success would be a 503 behind kube-apiserver.
        #expect(answer.status == 400 && answer.json["reason"].string == "BadRequest", "\(answer.text)")
    }

    @Test func `H01 health tells its parts when asked`() async throws {
        let verbose = try await server.curl("/readyz?verbose", as: nil)
        #expect(
            verbose.status == 200 && verbose.text.contains("[+]storage ok")
                && verbose.text.hasSuffix("readyz check passed\n"))
        let without = try await server.curl("/readyz?verbose&exclude=storage", as: nil)
        #expect(without.text.contains("[+]storage excluded: ok"))
        #expect(try await server.curl("/livez?verbose", as: nil).text.contains("storage") == false)
        #expect(try await server.curl("/readyz/storage", as: nil).status == 403)
        #expect(try await server.curl("/readyz/storage").text == "ok")
        #expect(try await server.curl("/readyz/nope").status == 404)
    }

    @Test func `H03 metrics need the right to them and count by resource, not by path`() async throws {
        #expect(try await server.curl("/metrics", as: nil).status == 403)
        #expect(try await server.curl("/metrics", as: .shopViewer).status == 403)
        for index in 0..<5 {
            _ = try await server.curl("/apis/profefe.io/v1/namespaces/n\(index)/unknown\(index)/x\(index)")
        }
        let metrics = try await server.curl("/metrics")
        #expect(metrics.status == 200 && metrics.contentType?.hasPrefix("text/plain; version=0.0.4") == true)
        #expect(metrics.text.contains("apiserver_request_total{"))
        #expect(!metrics.text.contains("unknown3"))
    }
}
