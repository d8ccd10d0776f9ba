import Foundation
import HTTPTransport
import TestSupport

/// Servers that live as long as a piece of code, and who asks them.
extension ClusterServer {
    /// A server in a control plane that nobody else uses: for tests that freeze it, or change whom it trusts.
    static func inAPlaneOfItsOwn<R>(
        overlay: String = "base", flags: [String] = [], _ body: (ClusterServer) async throws -> R
    ) async throws -> R {
        try await using(try await ControlPlane.start(), overlay: overlay, flags: flags, body)
    }

    /// Starts a server, gives it to `body`, and ends it and the plane whatever `body` does.
    static func using<R>(
        _ plane: ControlPlane, overlay: String = "base", flags: [String] = [], caBundle: [UInt8]? = nil,
        _ body: (ClusterServer) async throws -> R
    ) async throws -> R {
        do {
            let server = try await start(plane, overlay: overlay, flags: flags, caBundle: caBundle)
            do {
                let result = try await body(server)
                await server.kill()
                await plane.stop()
                return result
            } catch {
                let log = await server.log
                await server.kill()
                throw Trouble("\(error)\nthe server's log ends: \(log.suffix(3000))")
            }
        } catch {
            await plane.stop()
            throw error
        }
    }

    /// The CA of the serving certificate, as the APIService has it.
    func caBundle() async throws -> String {
        try await plane.kubectl(
            "get", "apiservice", "v1.profefe.io", "-o", "go-template={{.spec.caBundle | base64decode}}"
        ).text
    }

    /// Asks the server itself, by these curl arguments; its CA is that of now.
    func loadClient(_ arguments: [String]) async throws -> Load.Client {
        let host = "profefe-apiserver.kube-system.svc"
        let bundle = "load-bundle-\(UUID().uuidString).crt"
        try plane.home.write(try await caBundle(), bundle)
        return Load.Client(
            arguments: ["--cacert", plane.home.path(bundle), "--resolve", "\(host):\(port):127.0.0.1"] + arguments,
            place: "https://\(host):\(port)/apis/profefe.io/v1/namespaces/default")
    }
}

extension ControlPlane {
    /// The curl arguments of a client certificate.
    func credentials(_ user: String, _ groups: [String] = []) throws -> [String] {
        let pair = try clients.mint(.init(commonName: user, organizations: groups), name: "curl-\(user)")
        return ["--cert", pair.certificateFile, "--key", pair.keyFile]
    }

    /// Asks kube-apiserver by curl, as somebody: what comes back, without a look at the status.
    func curl(_ path: String, _ arguments: [String], within limit: Duration = .seconds(60)) async throws -> (
        status: Int, body: String
    ) {
        let output = try await Tool.curl.run(
            ["-sS", "--cacert", clients.authority.certificateFile, "--path-as-is", "-w", "\n%{http_code}"] + arguments
                + [url + path], within: limit)
        guard output.status == 0 else { throw Trouble("curl \(path): \(output.err)") }
        let text = output.text
        let cut = text.lastIndex(of: "\n") ?? text.startIndex
        return (Int(text[cut...].trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0, String(text[..<cut]))
    }
}
