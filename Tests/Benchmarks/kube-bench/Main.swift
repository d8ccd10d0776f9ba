import Foundation
import TestSupport

/// A kube-apiserver for `Tests/Benchmarks/behind-kube`, which counts what it is asked.
///
/// `kube-bench KUBECONFIG` writes a kubeconfig for the server under test and listens. Every token is a user of its own name, and every
/// access is allowed. Lines on standard input are commands, each answered by a line: `counts` by the numbers of TokenReviews and
/// SubjectAccessReviews since it was last asked, `slow MS` makes a decision take so long.
@main
struct KubeBench {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else { throw Trouble("kube-bench KUBECONFIG") }
        let certificates = try TestCertificates()
        let kube = try await FakeKubeAPI.start(certificates: certificates)
        kube.users = [
            "server": FakeKubeUser("the-server"), "guest": FakeKubeUser("guest"), "other": FakeKubeUser("other"),
        ]
        kube.decide { _ in .allow }
        let proxies = String(decoding: certificates.authority.certificatePEM, as: UTF8.self)
        let clients = String(decoding: certificates.otherAuthority.certificatePEM, as: UTF8.self)
        try kube.putAuthenticationConfigMap([
            "client-ca-file": clients, "requestheader-client-ca-file": proxies,
            "requestheader-username-headers": #"["X-Remote-User"]"#,
            "requestheader-group-headers": #"["X-Remote-Group"]"#,
            "requestheader-extra-headers-prefix": #"["X-Remote-Extra-"]"#,
        ])
        try kube.putNamespace("bench")
        try kube.kubeconfig(token: "server")
            .write(toFile: CommandLine.arguments[1], atomically: true, encoding: .utf8)
        say("ready")
        var (tokens, accesses) = (0, 0)
        while let line = readLine() {
            let words = line.split(separator: " ")
            if words.first == "slow", let milliseconds = words.last.flatMap({ UInt32($0) }) {
                kube.decide { _ in
                    usleep(min(milliseconds, 1000) * 1000)
                    return .allow
                }
                say("ok")
            } else {
                let (now, then) = (kube.tokenReviews.count, kube.accessReviews.count)
                say("\(now - tokens) \(then - accesses)")
                (tokens, accesses) = (now, then)
            }
        }
        await kube.goAway()
    }

    /// At once: the reader waits for it at the other end of a pipe.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
