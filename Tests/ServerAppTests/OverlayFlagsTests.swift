import APIMachinery
import ArgumentParser
import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import ServerApp

/// The flags in the Deployments of `manifests/`: each overlay's are taken, and don't contradict each other.
@Suite(.enabled(if: Tool.kubectl.isPresent, "skipped: no kubectl")) struct OverlayFlagsTests {
    /// The arguments of an overlay's Deployment, as kustomize makes them.
    private static func arguments(_ overlay: String) async throws -> [String] {
        let made = try await Tool.kubectl.run(
            ["kustomize", "manifests/\(overlay)"], directory: BuiltPrograms.sources, within: .seconds(60))
        try #require(made.status == 0, "\(made.err)")
        let objects = try YAML.parseAll(made.out).map(\.value)
        let deployment = try #require(objects.first { $0["kind"]?.stringValue == "Deployment" })
        let containers = deployment["spec"]?["template"]?["spec"]?["containers"]?.arrayValue
        return try #require(containers?.first?["args"]?.arrayValue).compactMap(\.stringValue)
    }

    private static let overlays = [
        "base", "single", "own-namespace", "cert-manager", "collector-api", "collector-store",
    ]

    @Test func noOverlayIsForgotten() throws {
        let manifests = BuiltPrograms.sources.appendingPathComponent("manifests")
        let found = try FileManager.default.contentsOfDirectory(atPath: manifests.path).filter {
            let text = try? String(
                contentsOf: manifests.appendingPathComponent("\($0)/kustomization.yaml"), encoding: .utf8)
            // Components are no overlays of their own.
            return text?.contains("kind: Component") == false
        }
        #expect(Set(found) == Set(Self.overlays))
    }

    @Test(arguments: overlays)
    func theServerTakesTheFlagsOfAnOverlay(_ overlay: String) async throws {
        let files = try Files()
        defer { files.remove() }
        // What is mounted in a pod.
        var flags =
            try await Self.arguments(overlay) + ["--kubeconfig=\(files.write("kubeconfig", TestKubeconfig.text))"]
        if overlay == "cert-manager" {
            flags += try files.flags().filter { $0.key.hasPrefix("--tls-") }.map { "\($0.key)=\($0.value)" }
        }
        let options = try ServerOptions.parse(flags)
        let configuration: AppConfiguration
        do throws(ConfigurationError) {
            configuration = try options.complete(environment: [:])
        } catch {
            Issue.record("\(overlay): \(error.messages)")
            return
        }
        #expect(configuration.server.port == 6443)
        #expect((configuration.collector.source != nil) == (overlay == "collector-store"))
        #expect(configuration.collectorAPI?.port == (overlay == "collector-api" ? 10100 : nil))
        #expect(configuration.collectorAPI?.isAnonymous != true)
        #expect((configuration.certificate == nil) == (overlay == "cert-manager"))
    }
}
