import Foundation
import HTTPTransport
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// Replicas are replaced one after another while clients go on asking through kube-apiserver.
@Suite(.serialized, .controlPlane, .timeLimit(.minutes(5)))
struct RolloutTests {
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
            let client = try Load.throughKubeAPIServer(plane)
            let seen = try await Load.during(plane, [client, client]) {
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
}
