import Foundation
import TestSupport
import Testing

/// What the page on clusters says about the end: as it says it.
@Suite(.serialized, .controlPlane, .timeLimit(.minutes(5)))
struct UninstallTests {
    private static let page = BuiltPrograms.sources.appendingPathComponent(
        "Sources/ServerApp/Documentation.docc/InACluster.md")

    /// The commands of the page's section, in order.
    private func commands() throws -> [[String]] {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let section = try #require(
            text.components(separatedBy: "\n## ").first { $0.hasPrefix("Upgrade and uninstall") })
        return section.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("kubectl ") }
            .map { $0.split(separator: " ").dropFirst().map(String.init) }
    }

    /// D10, S11: afterwards nothing of the group is left, and namespaces come and go.
    @Test(.controllerManager) func uninstallingLeavesNoTrace() async throws {
        try await ClusterServer.inAPlaneOfItsOwn { server in
            let plane = server.plane
            let commands = try commands()
            #expect(commands.first == ["delete", "apiservice", "v1.profefe.io"])
            for command in commands {
                let done = try await plane.kubectl(
                    as: ControlPlane.admin,
                    command.map { $0 == "manifests/single" ? "manifests/base" : $0 } + ["--ignore-not-found"])
                #expect(done.status == 0, "\(command): \(done.err)")
            }
            // The pod would be ended by its Deployment's deletion.
            try await server.terminate()
            let left = try await plane.kubectl(
                "get",
                "apiservices,clusterroles,clusterrolebindings,flowschemas,roles,rolebindings,serviceaccounts,secrets,leases,"
                    + "deployments,services,poddisruptionbudgets,networkpolicies,configmaps", "-A", "-o", "name")
            #expect(left.status == 0)
            #expect(left.lines.filter { $0.contains("profefe") } == [])
            try await eventually("discovery has forgotten the group") {
                try await !plane.kubectl("api-versions").text.contains("profefe.io")
            }
            try await plane.withControllerManager {
                _ = try await plane.kubectl("create", "namespace", "after")
                let gone = try await plane.kubectl(
                    "delete", "namespace", "after", "--timeout=60s", within: .seconds(90))
                #expect(gone.status == 0, "\(gone.err)")
            }
        }
    }
}
