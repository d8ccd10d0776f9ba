import Foundation
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// What happens when parts of the control plane are away. Each test has a plane of its own.
@Suite(.serialized, .controlPlane, .timeLimit(.minutes(5)))
struct OutageTests {
    /// Z03, H02, D02: with a kube-apiserver that hangs, strangers get no data, masters and health go on, and it recovers by itself.
    @Test func aHangingKubeAPIServerIsSurvived() async throws {
        try await ClusterServer.inAPlaneOfItsOwn { server in
            let plane = server.plane
            let path = "/apis/profefe.io/v1/namespaces/default/profiles"
            let master = try plane.clients.mint(
                .init(commonName: "root", organizations: ["system:masters"]), name: "root")
            let user = try plane.clients.mint(.init(commonName: "dave"), name: "dave")
            let asMaster = ["--cert", master.certificateFile, "--key", master.keyFile]
            let asUser = ["--cert", user.certificateFile, "--key", user.keyFile]
            // curl(…) asks kube-apiserver for the CA bundle: once before it hangs.
            #expect(try await server.curl(path, asUser).status == 403)
            let bundle = ["--cacert", plane.home.path("bundle.crt")]
            func direct(_ path: String, _ arguments: [String]) async throws -> Int {
                let host = "profefe-apiserver.kube-system.svc"
                let output = try await Tool.curl.run(
                    bundle + arguments + [
                        "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--resolve",
                        "\(host):\(server.port):127.0.0.1",
                        "https://\(host):\(server.port)\(path)",
                    ])
                return Int(output.text) ?? -1
            }
            plane.freeze(true)
            let other = "/apis/profefe.io/v1/namespaces/kube-system/profiles"
            #expect(try await direct(other, asUser) == 500)
            #expect(try await direct(other, asMaster) == 200)
            #expect(try await direct("/livez", []) == 200)
            #expect(try await direct("/apis/profefe.io/v1", asMaster) == 200)
            plane.freeze(false)
            try await eventually("it recovers by itself", within: .seconds(60)) {
                try await direct(other, asUser) == 403
            }
            try await server.waitUntilAvailable()
        }
    }

    /// N01: the front proxy's CA changes without a restart.
    @Test func theFrontProxysCAIsRotatedWithoutARestart() async throws {
        try await ClusterServer.inAPlaneOfItsOwn { server in
            let plane = server.plane
            let path = "/apis/profefe.io/v1/namespaces/default/profiles"
            let next = try TestCertificates()
            let pair = try next.mint(.init(commonName: "front-proxy-client"), name: "next-front-proxy")
            let claim = [
                "-H", "X-Remote-User: admin", "-H", "X-Remote-Group: system:masters", "--cert", pair.certificateFile,
                "--key", pair.keyFile,
            ]
            #expect(try await server.curl(path, claim).status == 401)
            let both = plane.frontProxy.authority.certificatePEM + next.authority.certificatePEM
            try plane.home.write(String(decoding: both, as: UTF8.self), "front-proxy-ca.crt")
            try await eventually("the new front proxy is believed", within: .seconds(90)) {
                try await server.curl(path, claim).status == 200
            }
            #expect(try await plane.kubectl("get", "prof", "-A").status == 0)
        }
    }

    /// N11: without the right to read the ConfigMap the server runs, is not ready, and says what is missing.
    @Test func aMissingRoleBindingIsNamedInTheLog() async throws {
        try await ClusterServer.inAPlaneOfItsOwn { server in
            let plane = server.plane
            _ = try await plane.kubectl(
                "delete", "rolebinding", "profefe-apiserver:authentication-reader", "-n", "kube-system")
            try await server.terminate()
            try await server.launch()
            try await eventually("the log names the RoleBinding") {
                await server.log.contains("extension-apiserver-authentication-reader")
            }
            #expect(try await server.curl("/livez").status == 200)
            #expect(try await server.curl("/readyz").status == 500)
            _ = try await plane.kubectl("apply", "-k", "manifests/base")
            try await eventually("it becomes ready by itself", within: .seconds(90)) {
                try await server.curl("/readyz").status == 200
            }
        }
    }
}
