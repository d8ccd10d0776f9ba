import Foundation
import Glibc
import TestSupport

/// The built server in a cluster: installed by `manifests/base`, running beside it on loopback with the token of its own
/// ServiceAccount, reached by kube-apiserver through a Service of type ExternalName.
final class ClusterServer: Sendable {
    let plane: ControlPlane
    let port: Int
    let data: String
    private let flags: [String]
    private let process: ProcessBox

    /// The process, which a restart replaces.
    private actor ProcessBox {
        var current: GuardedProgram?
        func set(_ program: GuardedProgram?) { current = program }
    }

    static let user = "system:serviceaccount:kube-system:profefe-apiserver"

    /// What the server of this process has logged.
    var log: String { get async { await process.current?.log ?? "" } }

    private init(_ plane: ControlPlane, port: Int, data: String, flags: [String]) {
        self.plane = plane
        self.port = port
        self.data = data
        self.flags = flags
        process = ProcessBox()
    }

    /// Installs the manifests and starts a server; waits until the APIService is Available.
    ///
    /// - Parameters:
    ///   - overlay: what is installed; other than for `base` the server gets the flags of its Deployment, before those given.
    ///   - servicePort: where the Service leads to; to the server itself if nil.
    ///   - caBundle: of the APIService, where the server doesn't make its certificate itself.
    ///   - ready: told the server's port when that is ready.
    static func start(
        _ plane: ControlPlane, overlay: String = "base", servicePort: Int? = nil, flags: [String] = [],
        caBundle: [UInt8]? = nil, ready: (Int) -> Void = { _ in }
    ) async throws -> ClusterServer {
        let port = try FreePort.find()
        try await install(plane, overlay, port: servicePort ?? port, caBundle: caBundle)
        let deployed = overlay == "base" ? [] : try await deployedFlags(plane)
        let server = ClusterServer(plane, port: port, data: plane.home.path("data-\(port)"), flags: deployed + flags)
        try await server.launch()
        try await server.waitUntilReady()
        ready(port)
        try await server.waitUntilAvailable()
        return server
    }

    /// Starts one more replica of what is installed, and waits until it is ready.
    static func replica(_ plane: ControlPlane, flags: [String] = []) async throws -> ClusterServer {
        let port = try FreePort.find()
        let server = ClusterServer(plane, port: port, data: plane.home.path("data-\(port)"), flags: flags)
        try await server.launch()
        try await server.waitUntilReady()
        return server
    }

    /// Waits until the server says that it is ready, as a kubelet would: without a look at its certificate.
    func waitUntilReady() async throws {
        do {
            try await eventually("/readyz answers 200", within: .seconds(60)) {
                let answer = try await Tool.curl.run(["-sSk", "https://127.0.0.1:\(port)/readyz?verbose"])
                return answer.text.contains("readyz check passed")
            }
        } catch {
            let why = try? await Tool.curl.run(["-sSk", "https://127.0.0.1:\(port)/readyz?verbose"])
            throw Trouble("\(error): \(why?.text ?? "")\nthe server's log ends: \(await log.suffix(3000))")
        }
    }

    /// The flags of the Deployment as kube-apiserver has it, but for port and directory, which are this process' own.
    private static func deployedFlags(_ plane: ControlPlane) async throws -> [String] {
        let found = try await plane.kubectl(
            "get", "deployment", "profefe-apiserver", "-n", "kube-system", "-o",
            #"jsonpath={range .spec.template.spec.containers[0].args[*]}{@}{"\n"}{end}"#)
        guard found.status == 0, !found.lines.isEmpty else { throw Trouble("get deployment: \(found.err)") }
        return found.lines.filter { !$0.hasPrefix("--secure-port=") && !$0.hasPrefix("--data-dir=") }
    }

    /// An overlay, with a Service that leads to loopback, and a token for the ServiceAccount.
    private static func install(_ plane: ControlPlane, _ overlay: String, port: Int, caBundle: [UInt8]?) async throws {
        let applied = try await plane.kubectl("apply", "-k", "manifests/\(overlay)")
        guard applied.status == 0 else { throw Trouble("kubectl apply -k manifests/\(overlay): \(applied.err)") }
        _ = try await plane.kubectl("delete", "service", "profefe-apiserver", "-n", "kube-system", "--ignore-not-found")
        try await plane.apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: profefe-apiserver, namespace: kube-system}
            spec: {type: ExternalName, externalName: localhost, ports: [{name: https, port: \(port)}]}

            """)
        let bundle = caBundle.map { #","caBundle":"\#(Data($0).base64EncodedString())""# } ?? ""
        let patched = try await plane.kubectl(
            "patch", "apiservice", "v1.profefe.io", "--type=merge", "-p",
            #"{"spec":{"service":{"port":\#(port)}\#(bundle)}}"#)
        guard patched.status == 0 else { throw Trouble("patch of the APIService: \(patched.err)") }
        let token = try await plane.kubectl(
            "create", "token", "profefe-apiserver", "-n", "kube-system", "--duration=1h")
        guard token.status == 0 else { throw Trouble("create token: \(token.err)") }
        try plane.home.write(token.text.trimmingCharacters(in: .whitespacesAndNewlines), "server.token")
        try plane.writeKubeconfig("server", tokenFile: plane.home.path("server.token"))
    }

    /// Starts the process; returns when it listens.
    func launch() async throws {
        let config = plane.home.path("server.kubeconfig")
        let program = try await GuardedProgram.start(
            Tool(at: try BuiltPrograms.url("profefe-apiserver")),
            [
                "--kubeconfig=\(config)", "--bind-address=127.0.0.1", "--secure-port=\(port)", "--data-dir=\(data)",
            ] + flags, environment: ["POD_NAMESPACE": "kube-system", "POD_NAME": "profefe-apiserver-test"],
            directory: plane.home.url)
        await process.set(program)
        try await program.wait("it serves") { $0.contains("serving") }
    }

    /// Waits until kube-apiserver finds the group available.
    func waitUntilAvailable(within limit: Duration = .seconds(60)) async throws {
        do {
            try await eventually("APIService v1.profefe.io is Available", within: limit) {
                let status = try await plane.kubectl(
                    "get", "apiservice", "v1.profefe.io", "-o",
                    "jsonpath={.status.conditions[?(@.type=='Available')].status}")
                return status.text == "True"
            }
        } catch {
            let why = try? await plane.kubectl(
                "get", "apiservice", "v1.profefe.io", "-o", "jsonpath={.status.conditions}")
            throw Trouble("\(error): \(why?.text ?? "")\nthe server's log ends: \(await log.suffix(4000))")
        }
        // kube-apiserver's discovery follows a little later.
        try await eventually("discovery has the group", within: limit) {
            try await plane.kubectl("get", "profiles.profefe.io", "-n", "default").status == 0
        }
    }

    /// Sends the process a signal.
    func send(_ signal: Int32) async { await process.current?.send(signal) }

    /// Ends the process by SIGTERM and gives its status.
    @discardableResult
    func terminate() async throws -> Int32? {
        await send(SIGTERM)
        return try await process.current?.output(within: .seconds(120)).status
    }

    /// Ends the process at once.
    func kill() async { await process.current?.stop() }

    /// Asks the server itself, not through kube-apiserver. The serving certificate's CA is that in the APIService.
    func curl(_ path: String, _ arguments: [String] = []) async throws -> (status: Int, body: String) {
        let bundle = try await plane.kubectl(
            "get", "apiservice", "v1.profefe.io", "-o", "go-template={{.spec.caBundle | base64decode}}")
        try plane.home.write(bundle.text, "bundle.crt")
        let host = "profefe-apiserver.kube-system.svc"
        let output = try await Tool.curl.run(
            [
                "-sS", "--cacert", plane.home.path("bundle.crt"), "--resolve", "\(host):\(port):127.0.0.1", "-w",
                "\n%{http_code}", "--path-as-is",
            ] + arguments + ["https://\(host):\(port)\(path)"])
        guard output.status == 0 else { throw Trouble("curl \(path): \(output.err)") }
        let text = output.text
        let cut = text.lastIndex(of: "\n") ?? text.startIndex
        return (Int(text[cut...].trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0, String(text[..<cut]))
    }

    /// A bearer token of a ServiceAccount.
    func token(_ account: String, in namespace: String) async throws -> String {
        let made = try await plane.kubectl("create", "token", account, "-n", namespace)
        guard made.status == 0 else { throw Trouble("create token: \(made.err)") }
        return made.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
