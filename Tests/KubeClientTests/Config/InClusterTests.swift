import HTTPTransport
import TestSupport
import Testing

@testable import KubeClient

struct InClusterTests {
    private static let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

    @Test(arguments: [("10.96.0.1", "10.96.0.1"), ("fd00::1", "fd00::1"), ("[fd00::1]", "fd00::1"), ("kube", "kube")])
    func aPodFindsItsServer(_ host: String, _ expected: String) async throws {
        let directory = try TemporaryDirectory("kube")
        try directory.write("shop\n", "namespace")
        let config = try KubeConfig.inCluster(
            environment: ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443"], directory: directory.path)
        #expect(config.server == KubeEndpoint(host: expected, port: 443))
        #expect(config.namespace == "shop")
        #expect(config.credential == .tokenFile(directory.path("token")))
        #expect(config.tls == KubeTLS(authority: .file(directory.path("ca.crt"))))
    }

    @Test(arguments: [
        ([:], "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"),
        (["KUBERNETES_SERVICE_HOST": "h"], "are not set"),
        (["KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "tcp"], #"KUBERNETES_SERVICE_PORT is "tcp""#),
        (["KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "70000"], "not a port of 1 to 65535"),
        (environment, "/nowhere/namespace: No such file or directory"),
    ]) func whatIsMissingIsNamed(_ environment: [String: String], _ message: String) async {
        let error = await failure { () throws(KubeClientError) in
            _ = try KubeConfig.inCluster(environment: environment, directory: "/nowhere")
        }
        #expect(error == KubeClientError(.configuration, ""))
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
