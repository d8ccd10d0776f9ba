import Foundation
import Glibc
import HTTPTransport
import TestSupport

/// A real control plane on loopback: etcd, kube-apiserver, and kube-controller-manager where it is present.
///
/// Users are client certificates of ``clients``; the front proxy has a CA of its own, as every cluster should.
final class ControlPlane: Sendable {
    let home: TemporaryDirectory
    /// Signs kube-apiserver's serving certificate and the users'.
    let clients: TestCertificates
    /// Signs the front proxy's certificate.
    let frontProxy: TestCertificates
    let port: Int
    private let etcd: GuardedProgram
    private let apiServer: GuardedProgram
    private let etcdPort: Int

    var url: String { "https://127.0.0.1:\(port)" }
    /// What kube-apiserver has logged.
    var log: String { apiServer.log }

    /// The kubeconfig of `system:masters`.
    static let admin = "admin"

    /// Starts one and waits until it is ready, with its default roles.
    ///
    /// - Parameter flags: of kube-apiserver, beyond its usual ones.
    static func start(flags: [String] = []) async throws -> ControlPlane {
        guard let binaries = ControlPlaneBinaries.found else { throw Trouble("no control plane: trait .controlPlane") }
        let plane = try await ControlPlane(binaries, flags)
        do {
            try await plane.waitUntilReady()
            return plane
        } catch {
            await plane.stop()
            throw Trouble("\(error); kube-apiserver's log ends: \(plane.log.suffix(3000))")
        }
    }

    private init(_ binaries: ControlPlaneBinaries, _ flags: [String]) async throws {
        home = try TemporaryDirectory("cluster")
        clients = try TestCertificates()
        frontProxy = try TestCertificates()
        port = try FreePort.find()
        etcdPort = try FreePort.find()
        let serving = try clients.mint(
            .init(
                commonName: "kube-apiserver",
                alternativeNames: "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.0.1",
                usage: "serverAuth"), name: "kube-apiserver")
        let proxy = try frontProxy.mint(.init(commonName: "front-proxy-client"), name: "front-proxy")
        try home.write(Self.auditPolicy, "audit-policy.yaml")
        try home.write(String(decoding: frontProxy.authority.certificatePEM, as: UTF8.self), "front-proxy-ca.crt")
        try home.write(String(decoding: clients.authority.certificatePEM, as: UTF8.self), "client-ca.crt")

        let peer = try FreePort.find()
        etcd = try await GuardedProgram.start(
            binaries.etcd,
            [
                "--data-dir", home.path("etcd"), "--unsafe-no-fsync",
                "--listen-client-urls", "http://127.0.0.1:\(etcdPort)",
                "--advertise-client-urls", "http://127.0.0.1:\(etcdPort)",
                "--listen-peer-urls", "http://127.0.0.1:\(peer)",
            ], directory: home.url)
        apiServer = try await GuardedProgram.start(
            binaries.kubeAPIServer,
            [
                "--etcd-servers=http://127.0.0.1:\(etcdPort)", "--bind-address=127.0.0.1", "--secure-port=\(port)",
                "--tls-cert-file=\(serving.certificateFile)", "--tls-private-key-file=\(serving.keyFile)",
                "--client-ca-file=\(home.path("client-ca.crt"))",
                "--requestheader-client-ca-file=\(home.path("front-proxy-ca.crt"))",
                "--requestheader-allowed-names=front-proxy-client", "--requestheader-username-headers=X-Remote-User",
                "--requestheader-group-headers=X-Remote-Group", "--requestheader-uid-headers=X-Remote-Uid",
                "--requestheader-extra-headers-prefix=X-Remote-Extra-",
                "--proxy-client-cert-file=\(proxy.certificateFile)", "--proxy-client-key-file=\(proxy.keyFile)",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file=\(serving.keyFile)",
                "--service-account-key-file=\(serving.certificateFile)", "--authorization-mode=RBAC",
                "--service-cluster-ip-range=10.0.0.0/24", "--enable-admission-plugins=ResourceQuota",
                "--audit-policy-file=\(home.path("audit-policy.yaml"))", "--audit-log-path=\(home.path("audit.log"))",
                "--audit-log-mode=blocking",
            ] + flags, directory: home.url)
        try writeKubeconfig(Self.admin, user: "admin", groups: ["system:masters"])
    }

    /// Only what tests count: the reviews, by whom.
    private static let auditPolicy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - level: Request
          resources:
          - {group: authentication.k8s.io, resources: [tokenreviews]}
          - {group: authorization.k8s.io, resources: [subjectaccessreviews]}
        - level: None

        """

    private func waitUntilReady() async throws {
        try await eventually("kube-apiserver is ready", within: .seconds(120)) {
            guard apiServer.isRunning, etcd.isRunning else { throw Trouble("it ended: \(apiServer.log.suffix(2000))") }
            return try await kubectl("get", "--raw", "/readyz").status == 0
        }
        try await eventually("the default namespace and roles are there", within: .seconds(60)) {
            try await kubectl("get", "namespace/default", "clusterrole/system:auth-delegator").status == 0
        }
    }

    /// Makes the kubeconfig `name` for a user by certificate.
    func writeKubeconfig(_ name: String, user: String, groups: [String] = []) throws {
        let pair = try clients.mint(.init(commonName: user, organizations: groups), name: "client-\(name)")
        try home.write(
            kubeconfig(credentials: "client-certificate: \(pair.certificateFile), client-key: \(pair.keyFile)"),
            "\(name).kubeconfig")
    }

    /// Makes the kubeconfig `name` for what has the token in `tokenFile`.
    func writeKubeconfig(_ name: String, tokenFile: String) throws {
        try home.write(kubeconfig(credentials: "tokenFile: \(tokenFile)"), "\(name).kubeconfig")
    }

    private func kubeconfig(credentials: String) -> String {
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: test
          cluster: {server: "\(url)", certificate-authority: \(clients.authority.certificateFile)}
        users:
        - name: user
          user: {\(credentials)}
        contexts:
        - name: test
          context: {cluster: test, user: user}
        current-context: test

        """
    }

    /// Runs kubectl as ``admin``.
    func kubectl(_ arguments: String..., within limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        try await kubectl(as: Self.admin, arguments, within: limit)
    }

    /// Runs kubectl with the kubeconfig of that name.
    func kubectl(
        as name: String, _ arguments: [String], input: RunningProgram.Input = .nothing,
        within limit: Duration = .seconds(60)
    ) async throws -> ProgramOutput {
        try await Tool.kubectl.run(
            arguments, environment: environment(name), directory: BuiltPrograms.sources, input: input, within: limit)
    }

    /// As `kubectl(as:_:input:within:)`, and a ``Trouble`` with what was printed if it fails.
    @discardableResult
    func apply(_ manifest: String, as name: String = admin, _ verb: String = "apply") async throws -> ProgramOutput {
        let output = try await kubectl(as: name, [verb, "-f", "-"], input: .text(manifest))
        guard output.status == 0 else { throw Trouble("kubectl \(verb): \(output.text)\(output.err)\n\(manifest)") }
        return output
    }

    func environment(_ name: String) -> [String: String] {
        ["KUBECONFIG": home.path("\(name).kubeconfig"), "HOME": home.path("home-\(name)")]
    }

    /// Runs `body` beside kube-controller-manager; the end of its log goes with an error.
    ///
    /// - Parameters:
    ///   - flags: beyond its usual ones.
    ///   - controllers: beyond its usual ones.
    func withControllerManager(
        flags: [String] = [], controllers: [String] = [], _ body: () async throws -> Void
    ) async throws {
        let manager = try await startControllerManager(flags, controllers)
        do {
            try await body()
            await manager.stop()
        } catch {
            let log = manager.log
            await manager.stop()
            throw Trouble("\(error)\nkube-controller-manager's log ends: \(log.suffix(3000))")
        }
    }

    private func startControllerManager(_ flags: [String], _ controllers: [String]) async throws -> GuardedProgram {
        guard let tool = ControlPlaneBinaries.found?.controllerManager else {
            throw Trouble("no kube-controller-manager")
        }
        try writeKubeconfig("controller-manager", user: "system:kube-controller-manager")
        let config = home.path("controller-manager.kubeconfig")
        let program = try await GuardedProgram.start(
            tool,
            [
                "--kubeconfig=\(config)", "--authentication-kubeconfig=\(config)",
                "--authorization-kubeconfig=\(config)", "--use-service-account-credentials", "--leader-elect=false",
                "--service-account-private-key-file=\(clients.directory)/kube-apiserver.key",
                "--root-ca-file=\(clients.authority.certificateFile)", "--bind-address=127.0.0.1",
                "--secure-port=\(try FreePort.find())", "--v=2",
                "--controllers=namespace-controller,garbage-collector-controller,resourcequota-controller,"
                    + "serviceaccount-controller,serviceaccount-token-controller,clusterrole-aggregation-controller,"
                    + controllers.map { $0 + "," }.joined() + "root-ca-certificate-publisher-controller",
            ] + flags, directory: home.url)
        try await program.wait("its caches are synced", within: .seconds(60)) { $0.contains("Caches are synced") }
        return program
    }

    /// The reviews that kube-apiserver was asked for by `user`: one parsed audit event each.
    func reviews(of resource: String, by user: String) throws -> [[String: Any]] {
        let log = (try? String(contentsOfFile: home.path("audit.log"), encoding: .utf8)) ?? ""
        return log.split(separator: "\n").compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }.filter {
            ($0["objectRef"] as? [String: Any])?["resource"] as? String == resource
                && ($0["user"] as? [String: Any])?["username"] as? String == user
        }
    }

    /// Stops kube-apiserver's process where it stands (SIGSTOP), or lets it go on: the network to it hangs.
    func freeze(_ frozen: Bool) { apiServer.send(frozen ? SIGSTOP : SIGCONT) }

    /// Ends all at once.
    func stop() async {
        await apiServer.stop()
        await etcd.stop()
        home.remove()
    }
}
