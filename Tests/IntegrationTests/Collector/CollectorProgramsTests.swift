import APIMachinery
import Foundation
import TestSupport
import Testing

/// The programs of kube-profefe against this server in the place of a collector, unchanged.
@Suite(.timeLimit(.minutes(5)), .server(flags: RunningServer.collectorFlags), .serverLog)
struct CollectorProgramsTests {
    private func run(_ name: String, _ arguments: String...) async throws -> ProgramOutput {
        let program = try #require(RealCollector.program(name))
        return try await program.run(
            arguments, environment: ["HOME": NSTemporaryDirectory(), "KUBECONFIG": "/dev/null"])
    }

    private static let hasKubectlProfefe = RealCollector.program("kubectl-profefe") != nil
    private static let absence: Comment = "skipped: no kubectl-profefe in PROFEFE_COLLECTOR_ASSETS"

    @Test(.enabled(if: hasKubectlProfefe, absence))
    func whatKubectlProfefeLoadsItFindsAgain() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let loaded = try await run(
            "kubectl-profefe", "load", ServerHome.profile("cpu").path, "--service", "loaded", "--profefe-hostport", url)
        #expect(loaded.status == 0, "\(loaded.everything)")
        let stored = try #require(loaded.everything.range(of: "stored in profefe: "))
        let place = loaded.everything[stored.upperBound...].prefix { !$0.isWhitespace }
        #expect(place.hasPrefix("\(url)/api/0/profiles/"))

        let services = try await run("kubectl-profefe", "get", "services", "--profefe-hostport", url)
        #expect(services.everything.contains("loaded"))

        let id = place.split(separator: "/").last.map(String.init) ?? ""
        for type in ["cpu", "unknown", ""] {
            let found = try await run(
                "kubectl-profefe", "get", "profiles", "--service", "loaded", "--profile-type", type, "--from",
                "2000-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z", "--profefe-hostport", url)
            #expect(found.status == 0, "\(found.everything)")
            #expect(found.everything.contains("ID: \(id) Type: cpu Service: loaded"), "\(found.everything)")
        }
        let none = try await run(
            "kubectl-profefe", "get", "profiles", "--service", "nobody", "--from", "2000-01-01T00:00:00Z", "--to",
            "2100-01-01T00:00:00Z", "--profefe-hostport", url)
        #expect(none.everything.contains("nothing found"))
    }

    @Test(.enabled(if: RealCollector.program("kprofefe") != nil, "skipped: no kprofefe in PROFEFE_COLLECTOR_ASSETS"))
    func whatKprofefeCollectsIsInTheNamespacesOfThePods() async throws {
        let server = try RunningServer.shared
        let url = try await server.collectorURL()
        try await ScriptedTarget.with { target, _ in
            let name = target.prefix { $0 != "?" }.split(separator: "/").last.map(String.init) ?? ""
            let bytes = try? ProfileFixture(rawValue: name == "profile" ? "cpu" : name)?.bytes
            return bytes.map { .ok($0) } ?? .text(404, "no such profile")
        } _: { target in
            try await FakeKubeAPI.with { kube in
                for (name, namespace, service) in [("web-1", "shop", "frontend"), ("db-1", "bank", "")] {
                    try kube.putNamespace(namespace)
                    _ = try kube.put(
                        Self.pod(name, port: target.port, service: service),
                        at: "/api/v1/namespaces/\(namespace)/pods/\(name)")
                }
                try server.home.directory.write(kube.kubeconfig(), "kprofefe.kubeconfig")
                let program = try #require(RealCollector.program("kprofefe"))
                let output = try await program.run(
                    [
                        "-A", "--kubeconfig", server.home.directory.path("kprofefe.kubeconfig"), "--profefe-hostport",
                        url,
                    ], environment: ["HOME": NSTemporaryDirectory()])
                #expect(output.status == 0, "\(output.everything)")
            }
        }
        // allocs kprofefe itself doesn't send.
        let types = ["block", "cpu", "goroutine", "heap", "mutex", "threadcreate"]
        for (namespace, service) in [("shop", "frontend"), ("bank", "db-1")] {
            let list = try await server.curl(RunningServer.path(namespace)).json["items"].array
            let mine = list.filter { $0["spec"]["service"].string == service }
            #expect(mine.compactMap { $0["spec"]["type"].string }.sorted() == types)
        }
        let range = "from=2000-01-01T00:00:00&to=2100-01-01T00:00:00"
        let labels = "labels=pod%3Dweb-1,from%3Dkube-profefe"
        let found = try await askCollector(url, target: "/api/0/profiles?service=frontend&\(labels)&\(range)")
        #expect(found.json["body"].array.count == types.count)
    }

    private static func pod(_ name: String, port: Int, service: String) -> JSONValue {
        let annotations: JSONValue = [
            "profefe.com/enable": "true", "profefe.com/port": .string(String(port)),
            "profefe.com/service": .string(service),
        ]
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "annotations": annotations],
            "spec": ["containers": []], "status": ["phase": "Running", "podIP": "127.0.0.1", "hostIP": "10.0.0.7"],
        ]
    }
}
