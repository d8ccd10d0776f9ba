import Foundation
import HTTPTransport
import TestSupport

/// Clients that read and write without a pause, and what they saw.
struct Load: Sendable {
    /// How often each answer came: `GET 200`, `POST 201`.
    var answers: [String: Int] = [:]
    /// What should not have come, with what curl said.
    var failures: [String] = []

    /// The curl arguments of a client, and where it asks.
    struct Client: Sendable {
        var arguments: [String]
        /// Up to and with `/namespaces/default`.
        var place: String
    }

    /// As `system:masters` through kube-apiserver.
    static func throughKubeAPIServer(_ plane: ControlPlane) throws -> Client {
        let pair = try plane.clients.mint(.init(commonName: "load", organizations: ["system:masters"]), name: "load")
        return Client(
            arguments: [
                "--http1.1", "--cacert", plane.clients.authority.certificateFile, "--cert", pair.certificateFile,
                "--key",
                pair.keyFile,
            ], place: "\(plane.url)/apis/profefe.io/v1/namespaces/default")
    }

    /// Runs `body` while two processes of each client go on; each of them does a request more after its end.
    static func during(_ plane: ControlPlane, _ clients: [Client], _ body: () async throws -> Void) async throws -> Load
    {
        let stop = plane.home.path("stop-load-\(UUID().uuidString)")
        let script = """
            stop=$0; place=$1; shift
            ask() { curl -sS "$@"; }
            last=0
            while [ $last = 0 ]; do
              [ -e "$stop" ] && last=1
              ask "$@" -o /dev/null -w 'GET %{http_code}\\n' "$place/profiles?limit=1" || echo "GET failed"
              ask "$@" -o /dev/null -w 'POST %{http_code}\\n' --data-binary @\(ClusterServer.profile.path) \
                "$place/profileservices/load/profiles?type=cpu" || echo "POST failed"
            done
            """
        let programs = try (clients + clients).map {
            try Tool.sh.start(["-c", script, stop, $0.place] + $0.arguments, directory: plane.home.url)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try Data().write(to: URL(fileURLWithPath: stop))
        var seen = Load()
        for program in programs {
            let output = try await program.output()
            for line in output.lines {
                seen.answers[line, default: 0] += 1
                if line != "GET 200", line != "POST 201" { seen.failures.append("\(line) \(output.err.suffix(300))") }
            }
        }
        try result.get()
        return seen
    }
}
