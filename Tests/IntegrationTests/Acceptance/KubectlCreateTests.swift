import Foundation
import TestSupport
import Testing

/// Issue 2: profiles come in, go out byte for byte, and are deleted; rights are kept.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct KubectlCreateTests {
    let server: RunningServer

    init() throws { server = try .shared }

    @Test func `a profile is created from YAML, read back byte for byte, and deleted`() async throws {
        let file = ServerHome.profile("heap")
        let bytes = Array(try Data(contentsOf: file))
        let manifest = try RunningServer.manifest(
            namespace: "shop", service: "backend", type: "heap", labels: #"{version: "1.0"}"#, file)
        try server.home.directory.write(manifest, "profile.yaml")
        let created = try await server.kubectl("create", "-f", "profile.yaml", "-o", "name")
        #expect(created.status == 0, "\(created.err)")
        let name = try #require(created.lines.first?.split(separator: "/").last.map(String.init))
        #expect(name.count == 20 && name.allSatisfy { ("0"..."9").contains($0) || ("a"..."v").contains($0) })

        let profile = JSON(try await server.kubectl("get", "prof", name, "-o", "json").out)
        #expect(profile["spec"]["data"].isNull, "data is write-only")
        #expect(profile["spec"]["service"].string == "backend" && profile["spec"]["type"].string == "heap")
        #expect(profile["spec"]["source"]["kind"].string == "Upload")
        #expect(profile["spec"]["source"]["requestedBy"].string == "dev-admin")
        #expect(profile["metadata"]["labels"]["version"].string == "1.0")
        #expect(profile["metadata"]["labels"]["profefe.io/type"].string == "heap")
        let status = profile["status"]
        #expect(status["sizeBytes"].integer == bytes.count && status["sha256"].string == sha256(bytes))
        let columns = ["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"]
        #expect(status["sampleTypes"].array.map { "\($0["type"])/\($0["unit"])" } == columns)
        #expect(status["sampleCount"].integer ?? 0 > 0)

        // T11
        let download = try await server.kubectl("get", "--raw", RunningServer.path("shop", name, "download"))
        #expect(download.status == 0 && sha256(download.out) == sha256(bytes))

        let deleted = try await server.kubectl("delete", "prof", name)
        #expect(deleted.text.hasPrefix("profile.profefe.io \"\(name)\" deleted"), "\(deleted.err)")
        // Behind a 404 of get, kubectl looks whether the namespace is there.
        for verb in ["get", "delete"] {
            let gone = try await server.kubectl(verb, "prof", name)
            #expect(gone.err == "Error from server (NotFound): profiles.profefe.io \"\(name)\" not found\n")
        }
    }

    @Test(arguments: ["cpu", "heap", "allocs", "block", "mutex", "goroutine", "threadcreate"])
    func `a profile that Go wrote is uploaded as it is and comes back the same`(_ type: String) async throws {
        let file = ServerHome.profile(type)
        let bytes = Array(try Data(contentsOf: file))
        let created = try await server.kubectl(
            "create", "--raw", RunningServer.uploads("raw", query: "type=\(type)"), "-f", file.path)
        #expect(created.status == 0, "\(created.err)")
        let profile = JSON(created.out)
        #expect(profile["status"]["sha256"].string == sha256(bytes))
        let name = try #require(profile["metadata"]["name"].string)
        let download = try await server.kubectl("get", "--raw", RunningServer.path("raw", name, "download"))
        #expect(sha256(download.out) == sha256(bytes))
    }

    @Test func `R04 a misspelt field is refused`() async throws {
        let text = try RunningServer.manifest(namespace: "shop", service: "a", type: "cpu", ServerHome.profile("cpu"))
        try server.home.directory.write(
            text.replacingOccurrences(of: "  service:", with: "  servise:"), "misspelt.yaml")
        let refused = try await server.kubectl("create", "-f", "misspelt.yaml")
        #expect(refused.status == 1)
        #expect(refused.err.contains("servise"), "\(refused.err)")
    }

    @Test func `R20 profiles are deleted together, by label and all`() async throws {
        for service in ["a", "a", "b", "c"] { _ = try await server.upload("together", service: service) }
        let byLabel = try await server.kubectl("delete", "prof", "-n", "together", "-l", "profefe.io/service=a")
        #expect(byLabel.lines.count == 2 && byLabel.status == 0, "\(byLabel.err)")
        let all = try await server.kubectl("delete", "prof", "-n", "together", "--all")
        #expect(all.lines.count == 2 && all.status == 0, "\(all.err)")
        #expect(try await server.kubectl("get", "prof", "-n", "together").lines.isEmpty)
    }

    static let forbidden: [([String], String)] = [
        (
            ["get", "prof", "-n", "prod"],
            #"profiles.profefe.io is forbidden: User "shop-viewer" cannot list resource "profiles" in API group "profefe.io" in the namespace "prod""#
        ),
        (
            ["get", "prof", "-A"],
            #"profiles.profefe.io is forbidden: User "shop-viewer" cannot list resource "profiles" in API group "profefe.io" at the cluster scope"#
        ),
        (
            ["get", "prof", "p1", "-n", "prod"],
            #"profiles.profefe.io "p1" is forbidden: User "shop-viewer" cannot get resource "profiles" in API group "profefe.io" in the namespace "prod""#
        ),
        (
            ["get", "--raw", RunningServer.path("prod", "p1", "download")],
            #"profiles.profefe.io "p1" is forbidden: User "shop-viewer" cannot get resource "profiles/download" in API group "profefe.io" in the namespace "prod""#
        ),
        (
            ["delete", "pcap", "c1", "-n", "shop"],
            #"profilecaptures.profefe.io "c1" is forbidden: User "shop-viewer" cannot delete resource "profilecaptures" in API group "profefe.io" in the namespace "shop""#
        ),
        (["get", "--raw", "/metrics"], #"forbidden: User "shop-viewer" cannot get path "/metrics""#),
    ]

    @Test func `Z04 the viewer of shop looks into shop`() async throws {
        let name = try #require(try await server.upload("shop")["metadata"]["name"].string)
        let viewed = try await server.kubectl("--context", "shop-viewer", "get", "prof", "-o", "name")
        #expect(viewed.lines.contains("profile.profefe.io/\(name)"), "\(viewed.err)")
        let download = try await server.kubectl(
            "--context", "shop-viewer", "get", "--raw", RunningServer.path("shop", name, "download"))
        #expect(download.out == Array(try Data(contentsOf: ServerHome.profile("cpu"))), "\(download.err)")
    }

    @Test(arguments: forbidden)
    func `Z04 elsewhere the viewer of shop is told what it may not do`(_ arguments: [String], _ message: String)
        async throws
    {
        let refused = try await server.kubectl(arguments: ["--context", "shop-viewer"] + arguments)
        #expect(refused.status == 1)
        #expect(refused.err == "Error from server (Forbidden): \(message)\n")
    }
}
