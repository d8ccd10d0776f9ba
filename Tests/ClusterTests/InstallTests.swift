import Foundation
import TestSupport
import Testing

/// What `kubectl apply -k manifests/base` promises.
@Suite(.serialized, .controlPlane, .cluster(), .timeLimit(.minutes(5)))
struct InstallTests {
    /// T01: the server makes its certificate itself and keeps the caBundle right.
    @Test func theAPIServiceIsAvailableByItsOwnCertificate() async throws {
        let server = try ClusterServer.shared
        let spec = try await server.plane.kubectl(
            "get", "apiservice", "v1.profefe.io", "-o", "jsonpath={.spec.insecureSkipTLSVerify}|{.spec.caBundle}")
        let parts = spec.text.split(separator: "|", omittingEmptySubsequences: false)
        #expect(parts.first == "")
        #expect((parts.last?.count ?? 0) > 100)
    }

    /// D05: kubectl knows names, short names and the category.
    @Test func kubectlDiscoversTheResources() async throws {
        let plane = try ClusterServer.shared.plane
        let names = try await plane.kubectl("api-resources", "--api-group=profefe.io", "-o", "name")
        #expect(Set(names.lines).isSuperset(of: ["profiles.profefe.io", "profilecaptures.profefe.io"]))
        for name in ["prof", "pcap", "profefe"] {
            #expect(try await plane.kubectl("get", name, "-A").status == 0)
        }
    }

    /// D01, D02: kube-apiserver's aggregated discovery has the group, and it is fresh.
    @Test func aggregatedDiscoveryIsCurrent() async throws {
        let plane = try ClusterServer.shared.plane
        let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        try plane.writeKubeconfig("discoverer", user: "discoverer", groups: ["system:masters"])
        let answer = try await Tool.curl.run([
            "-sS", "--cacert", plane.clients.authority.certificateFile,
            "--cert", "\(plane.clients.directory)/client-discoverer.crt",
            "--key", "\(plane.clients.directory)/client-discoverer.key", "-H", "Accept: \(accept)", "\(plane.url)/apis",
        ])
        let document = try JSONSerialization.jsonObject(with: Data(answer.out)) as? [String: Any]
        let groups = document?["items"] as? [[String: Any]] ?? []
        let ours = groups.first { ($0["metadata"] as? [String: Any])?["name"] as? String == "profefe.io" }
        let version = (ours?["versions"] as? [[String: Any]])?.first
        #expect(version?["version"] as? String == "v1")
        #expect(version?["freshness"] as? String == "Current")
    }

    /// O01 to O03: OpenAPI of both versions arrives through the aggregator.
    @Test func kubectlExplainsThroughTheAggregator() async throws {
        let plane = try ClusterServer.shared.plane
        try await eventually("kube-apiserver has our OpenAPI v3") {
            try await plane.kubectl("explain", "profilecaptures.spec.target").text.contains("podName")
        }
        try await eventually("kube-apiserver has our OpenAPI v2") {
            try await plane.kubectl("get", "--raw", "/openapi/v2").text.contains("io.profefe.v1.Profile")
        }
    }

    /// kube-apiserver has nothing to complain about once the group is available.
    @Test func kubeAPIServersLogIsQuietAboutUs() async throws {
        let server = try ClusterServer.shared
        try await server.waitUntilAvailable()
        let before = server.plane.log.count
        for _ in 0..<5 {
            _ = try await server.plane.kubectl("get", "profiles.profefe.io", "-A")
            _ = try await server.plane.kubectl("api-resources", "--cached=false")
        }
        let complaints = server.plane.log.dropFirst(before).split(separator: "\n").filter {
            ($0.hasPrefix("E") || $0.hasPrefix("W")) && $0.contains("profefe")
        }
        #expect(complaints.isEmpty)
    }

    /// 14 S: every overlay is accepted by a real API server.
    @Test(arguments: ["base", "single", "own-namespace", "collector-api", "collector-store"])
    func theManifestsAreValid(_ overlay: String) async throws {
        let plane = try ClusterServer.shared.plane
        if overlay == "own-namespace" {
            _ = try await plane.kubectl("create", "namespace", "profefe-system")
        }
        for mode in ["client", "server"] {
            let result = try await plane.kubectl("apply", "-k", "manifests/\(overlay)", "--dry-run=\(mode)")
            #expect(result.status == 0, "\(mode): \(result.err)")
        }
    }

    /// The same of those that need what other projects install; of their kinds only the names are known here.
    @Test func theManifestsForOtherProjectsAreValid() async throws {
        let plane = try ClusterServer.shared.plane
        let kinds = [
            ("cert-manager.io", "Issuer"), ("cert-manager.io", "Certificate"),
            ("monitoring.coreos.com", "ServiceMonitor"),
        ]
        for (group, kind) in kinds { try await plane.apply(Self.anyObjects(group, kind)) }
        let names = kinds.map { group, kind in "crd/\(kind.lowercased())s.\(group)" }
        let known = try await plane.kubectl(
            as: ControlPlane.admin, ["wait", "--for=condition=Established", "--timeout=50s"] + names)
        #expect(known.status == 0, "\(known.err)")

        let copy = try TemporaryDirectory("overlay")
        defer { copy.remove() }
        let manifests = copy.url.appendingPathComponent("manifests")
        try FileManager.default.copyItem(
            at: BuiltPrograms.sources.appendingPathComponent("manifests"), to: manifests)
        try FileManager.default.createDirectory(
            at: manifests.appendingPathComponent("monitored"), withIntermediateDirectories: true)
        try copy.write(
            "resources: [../base]\ncomponents: [../servicemonitor]\n", "manifests/monitored/kustomization.yaml")
        for overlay in ["cert-manager", "monitored"] {
            let result = try await plane.kubectl(
                "apply", "-k", manifests.appendingPathComponent(overlay).path, "--dry-run=server")
            #expect(result.status == 0, "\(overlay): \(result.err)")
        }
        _ = try await plane.kubectl(as: ControlPlane.admin, ["delete"] + names)
    }

    private static func anyObjects(_ group: String, _ kind: String) -> String {
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: \(kind.lowercased())s.\(group)
          annotations: {api-approved.kubernetes.io: unapproved}
        spec:
          group: \(group)
          scope: Namespaced
          names: {kind: \(kind), plural: \(kind.lowercased())s, singular: \(kind.lowercased())}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}

        """
    }
}
