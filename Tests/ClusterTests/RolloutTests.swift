import Foundation
import HTTPTransport
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// Replicas are replaced one after another while clients go on asking through kube-apiserver.
@Suite(.serialized, .controlPlane, .timeLimit(.minutes(5)))
struct RolloutTests {
    /// Counts what the load saw.
    private struct Seen: Sendable {
        var answers: [String: Int] = [:]
        var failures: [String] = []
    }

    /// S01: no request fails that the aggregator could have been spared. The replicas have a store of their own each: what is asked
    /// for is the same in both.
    @Test func aRollingReplacementUnderLoadLosesNoRequest() async throws {
        let plane = try await ControlPlane.start()
        let balancer = try await Balancer.start()
        var replicas: [ClusterServer] = []
        do {
            for _ in 0..<2 {
                let replica = try await ClusterServer.start(
                    plane, servicePort: balancer.port, flags: ["--shutdown-delay-duration=3s"]
                ) { port in balancer.setBackends(replicas.map(\.port) + [port]) }
                replicas.append(replica)
            }
            let seen = try await underLoad(plane) {
                for _ in 0..<2 {
                    let old = replicas.removeFirst()
                    let new = try await ClusterServer.replica(plane, flags: ["--shutdown-delay-duration=3s"])
                    replicas.append(new)
                    balancer.setBackends(replicas.map(\.port))
                    try await old.terminate()
                }
            }
            #expect(seen.failures.isEmpty, "\(seen.failures.count) failures: \(seen.failures.prefix(5))")
            #expect(seen.answers["GET 200", default: 0] > 100)
            #expect(seen.answers["POST 201", default: 0] > 100)
        } catch {
            for replica in replicas { await replica.kill() }
            await balancer.stop()
            await plane.stop()
            throw error
        }
        for replica in replicas { await replica.kill() }
        await balancer.stop()
        await plane.stop()
    }

    /// Four clients that read and write without a pause through kube-apiserver, as long as `body` takes.
    private func underLoad(_ plane: ControlPlane, _ body: () async throws -> Void) async throws -> Seen {
        let admin = try plane.clients.mint(
            .init(commonName: "load", organizations: ["system:masters"]), name: "load")
        let stop = plane.home.path("stop-load")
        let namespaces = "\(plane.url)/apis/profefe.io/v1/namespaces/default"
        let curl = """
            curl -sS --http1.1 --cacert \(plane.clients.authority.certificateFile) --cert \(admin.certificateFile) --key \(admin.keyFile)
            """.trimmingCharacters(in: .newlines)
        let script = """
            while [ ! -e \(stop) ]; do
              \(curl) -o /dev/null -w 'GET %{http_code}\\n' '\(namespaces)/profiles?limit=1' || echo "GET failed"
              \(curl) -o body.$1 -w 'POST %{http_code}\\n' --data-binary @\(ClusterServer.profile.path) \
                '\(namespaces)/profileservices/load/profiles?type=cpu' || echo "POST failed"
            done
            """
        let clients = try (0..<4).map { try Tool.sh.start(["-c", script, "load", "\($0)"], directory: plane.home.url) }
        do {
            try await body()
        } catch {
            try plane.home.write("", "stop-load")
            throw error
        }
        try plane.home.write("", "stop-load")
        var seen = Seen()
        for client in clients {
            let output = try await client.output()
            for line in output.lines {
                seen.answers[line, default: 0] += 1
                if line != "GET 200", line != "POST 201" { seen.failures.append("\(line) \(output.err.suffix(300))") }
            }
        }
        return seen
    }
}
