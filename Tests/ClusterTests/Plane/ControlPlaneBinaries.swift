import Foundation
import TestSupport
import Testing

/// The programs of a control plane, as envtest lays them out: `KUBEBUILDER_ASSETS`, else `/usr/local/kubebuilder/bin`.
struct ControlPlaneBinaries: Sendable {
    /// Where they are looked for.
    static let directory =
        ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"] ?? "/usr/local/kubebuilder/bin"

    let etcd: Tool
    let kubeAPIServer: Tool
    /// Not part of envtest: tests of its controllers ask for it on their own.
    let controllerManager: Tool?

    /// What is there; nil without kube-apiserver or etcd.
    static let found: ControlPlaneBinaries? = {
        guard let etcd = program("etcd"), let server = program("kube-apiserver") else { return nil }
        return ControlPlaneBinaries(
            etcd: etcd, kubeAPIServer: server, controllerManager: program("kube-controller-manager"))
    }()

    /// Whether this kube-apiserver knows a feature, as its help says.
    static func hasFeature(_ name: String) async throws -> Bool {
        guard let found else { return false }
        return try await found.kubeAPIServer.run(["--help"]).everything.contains("\(name)=true|false")
    }

    private static func program(_ name: String) -> Tool? {
        let url = URL(fileURLWithPath: directory).appendingPathComponent(name)
        return FileManager.default.isExecutableFile(atPath: url.path) ? Tool(at: url) : nil
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips, and says so, where there is no control plane to run.
    static var controlPlane: Self {
        .enabled(
            if: ControlPlaneBinaries.found != nil && Tool.kubectl.isPresent,
            "skipped: no kube-apiserver and etcd in \(ControlPlaneBinaries.directory) (KUBEBUILDER_ASSETS), or no kubectl"
        )
    }

    /// Skips, and says so, where there is no kube-controller-manager beside it.
    static var controllerManager: Self {
        .enabled(
            if: ControlPlaneBinaries.found?.controllerManager != nil && Tool.kubectl.isPresent,
            "skipped: no kube-controller-manager in \(ControlPlaneBinaries.directory) (KUBEBUILDER_ASSETS)")
    }
}
