import Foundation
import TestSupport

/// Objects to test with.
extension ClusterServer {
    /// A real profile, as Go wrote it, of the fixtures of the Pprof tests.
    static let profile = BuiltPrograms.sources.appendingPathComponent("Tests/PprofTests/Fixtures/cpu.pb.gz")

    /// Makes a namespace and waits until the server sees it.
    func makeNamespace(_ name: String) async throws {
        let made = try await plane.kubectl("create", "namespace", name)
        guard made.status == 0 else { throw Trouble("create namespace \(name): \(made.err)") }
    }

    /// Uploads a profile through kube-apiserver.
    @discardableResult
    func upload(_ namespace: String, service: String = "web", as user: String = ControlPlane.admin) async throws
        -> ProgramOutput
    {
        try await plane.kubectl(
            as: user,
            [
                "create", "--raw",
                "/apis/profefe.io/v1/namespaces/\(namespace)/profileservices/\(service)/profiles?type=cpu", "-f",
                Self.profile.path,
            ])
    }

    /// A capture of a pod that does not exist: it fails, and stays as an object.
    static func capture(_ name: String, _ namespace: String, metadata: String = "") -> String {
        """
        apiVersion: profefe.io/v1
        kind: ProfileCapture
        metadata: {name: \(name), namespace: \(namespace)\(metadata)}
        spec: {target: {podName: nobody}, types: [heap]}

        """
    }

    /// How many profiles a namespace has, as kubectl counts them.
    func profileCount(_ namespace: String) async throws -> Int {
        let list = try await plane.kubectl("get", "profiles.profefe.io", "-n", namespace, "-o", "name")
        guard list.status == 0 else { throw Trouble("get profiles: \(list.err)") }
        return list.lines.count
    }
}
