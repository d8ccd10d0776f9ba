import Foundation
import TestSupport

/// What a server needs on disk and what it keeps there: outlives the server, so that another can be started on it.
///
/// The files are those that `make run` uses (certs/generate.sh, manifests/base, manifests/dev), plus tokens.
struct ServerHome: Sendable {
    let directory: TemporaryDirectory

    /// Who may come in by which token; the same people as by the certificates, and some more.
    enum Client: String, Sendable, CaseIterable {
        /// May do everything.
        case admin = "token-of-dev-admin"
        /// May look into namespace shop.
        case shopViewer = "token-of-shop-viewer"
        /// Known, without a right.
        case nobody = "token-of-nobody"
        /// May hand in profiles in namespace shop.
        case uploader = "token-of-uploader"
        /// A service account of namespace shop, which may do the same.
        case agent = "token-of-agent"

        var line: String {
            switch self {
            case .admin: #"\#(rawValue),dev-admin,uid-1,"profefe-dev-admins""#
            case .shopViewer: "\(rawValue),shop-viewer,uid-2"
            case .nobody: "\(rawValue),nobody,uid-3"
            case .uploader: "\(rawValue),uploader,uid-4"
            case .agent: #"\#(rawValue),system:serviceaccount:shop:agent,uid-5,"system:serviceaccounts""#
            }
        }
    }

    static let tokens = Client.allCases.map(\.line).joined(separator: "\n") + "\n"

    /// Rights beyond those of manifests/dev/rbac.yaml.
    static let moreRights = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: uploader, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-uploader}
        subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: User, name: uploader}
        - {kind: ServiceAccount, name: agent, namespace: shop}

        """

    init() async throws {
        directory = try TemporaryDirectory("server")
        let files = FileManager.default
        try files.createDirectory(at: directory.url.appendingPathComponent("rbac"), withIntermediateDirectories: true)
        try files.createDirectory(at: directory.url.appendingPathComponent("home"), withIntermediateDirectories: true)
        try files.copyItem(at: try await Self.certificates.value, to: directory.url.appendingPathComponent("certs"))
        for (source, copy) in [
            ("manifests/base/user-roles.yaml", "rbac/roles.yaml"), ("manifests/dev/rbac.yaml", "rbac/dev.yaml"),
            ("manifests/dev/capture.yaml", "capture.yaml"),
        ] {
            try files.copyItem(at: Self.source(source), to: directory.url.appendingPathComponent(copy))
        }
        try directory.write(Self.tokens, "tokens.csv")
        try directory.write(Self.moreRights, "rbac/more.yaml")
        try setTarget(port: 6060)
    }

    static func source(_ path: String) -> URL { BuiltPrograms.sources.appendingPathComponent(path) }

    /// A real profile, as Go wrote it, of the fixtures of the Pprof tests.
    static func profile(_ name: String) -> URL { source("Tests/PprofTests/Fixtures/\(name).pb.gz") }

    /// Made once per build directory: certs/generate.sh keeps what is still good.
    private static let certificates = Task {
        let place = BuiltPrograms.directory.appendingPathComponent("integration-certs")
        let made = try await Tool.sh.run([source("certs/generate.sh").path, place.path])
        guard made.status == 0 else { throw Trouble("certs/generate.sh failed with \(made.status): \(made.err)") }
        return place
    }

    /// Points the pod web-1 at the demo target.
    func setTarget(port: Int) throws {
        let pods = try String(contentsOf: Self.source("manifests/dev/pods.yaml"), encoding: .utf8)
        try directory.write(pods.replacingOccurrences(of: "6060", with: "\(port)"), "pods.yaml")
    }

    /// Points the kubeconfig of `make run` at the server.
    func setServer(port: Int) throws {
        let text = try String(contentsOf: Self.source("manifests/dev/kubeconfig"), encoding: .utf8)
        let mended = text.replacingOccurrences(of: "127.0.0.1:6443", with: "127.0.0.1:\(port)")
        guard mended != text else { throw Trouble("manifests/dev/kubeconfig no longer has 127.0.0.1:6443") }
        try directory.write(mended, "kubeconfig")
    }

    /// The flags of a server in this home, as .ci/dev-server gives them, on a port of the system's choice.
    func flags(data: String = "data") -> [String] {
        [
            "--standalone", "--bind-address", "127.0.0.1", "--secure-port", "0",
            "--tls-cert-file", directory.path("certs/tls.crt"), "--tls-private-key-file",
            directory.path("certs/tls.key"),
            "--client-ca-file", directory.path("certs/ca.crt"), "--token-auth-file", directory.path("tokens.csv"),
            "--authorization-rbac-file", directory.path("rbac"), "--pod-manifests", directory.path("pods.yaml"),
            "--data-dir", directory.path(data),
        ]
    }

    func remove() { directory.remove() }
}
