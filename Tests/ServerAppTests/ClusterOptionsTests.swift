import APIServer
import ArgumentParser
import KubeClient
import Logging
import Testing

@testable import ServerApp

/// How the server finds out whether it is behind a kube-apiserver, and behind which.
struct ClusterOptionsTests {
    /// Without `--standalone` and without files that say who is who.
    private func complete(
        _ files: Files, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Result<AppConfiguration, ConfigurationError> {
        var flags = try files.flags()
        flags["--token-auth-file"] = nil
        flags["--authorization-rbac-file"] = nil
        let options = try ServerOptions.parse(flags.map { "\($0.key)=\($0.value)" } + arguments)
        do throws(ConfigurationError) {
            return .success(try options.complete(environment: environment))
        } catch {
            return .failure(error)
        }
    }

    private func faults(_ result: Result<AppConfiguration, ConfigurationError>) -> [String] {
        if case .failure(let error) = result { error.messages } else { [] }
    }

    @Test func aKubeconfigIsEnough() throws {
        let files = try Files()
        defer { files.remove() }
        let path = try files.write("kubeconfig", TestKubeconfig.text)
        let configuration = try complete(files, ["--kubeconfig=\(path)"]).get()
        let cluster = try #require(configuration.cluster)
        #expect(cluster.core.server.host == "10.0.0.1")
        #expect(cluster.core == cluster.authentication && cluster.core == cluster.authorization)
        #expect(cluster.readsConfigMap && !cluster.toleratesLookupFailure)
        #expect(cluster.tokens.cacheTime == .seconds(10) && cluster.tokens.audiences.isEmpty)
        #expect(cluster.access.authorizedTime == .seconds(10) && cluster.access.unauthorizedTime == .seconds(10))
        #expect(cluster.admission == [.namespaceLifecycle, .resourceQuota])
        #expect(configuration.identity.requestHeader == nil)
        _ = try ServerApp(configuration, logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func everyFlagIsTaken() throws {
        let files = try Files()
        defer { files.remove() }
        let path = try files.write("kubeconfig", TestKubeconfig.text)
        let other = try files.write("other", TestKubeconfig.text.replacing("10.0.0.1", with: "10.0.0.2"))
        let authority = try files.write("ca.crt", "")
        let configuration = try complete(
            files,
            [
                "--kubeconfig=\(path)", "--authentication-kubeconfig=\(other)", "--authorization-kubeconfig=\(other)",
                "--authentication-skip-lookup", "--authentication-tolerate-lookup-failure",
                "--authentication-token-webhook-cache-ttl=1m", "--api-audiences=a,b", "--api-audiences=c",
                "--authorization-webhook-cache-authorized-ttl=20s",
                "--authorization-webhook-cache-unauthorized-ttl=0s", "--disable-admission-plugins=ResourceQuota",
                "--client-ca-file=\(authority)", "--requestheader-client-ca-file=\(authority)",
                "--requestheader-allowed-names=front-proxy-client,other",
                "--requestheader-username-headers=X-A,X-B", "--requestheader-uid-headers=X-Uid",
                "--requestheader-group-headers=X-G", "--requestheader-extra-headers-prefix=X-E-",
                "--authorization-always-allow-paths=/healthz,/metrics",
            ]
        ).get()
        let cluster = try #require(configuration.cluster)
        #expect(cluster.core.server.host == "10.0.0.1")
        #expect(cluster.authentication.server.host == "10.0.0.2" && cluster.authorization.server.host == "10.0.0.2")
        #expect(!cluster.readsConfigMap && cluster.toleratesLookupFailure)
        #expect(cluster.tokens.cacheTime == .seconds(60) && cluster.tokens.audiences == ["a", "b", "c"])
        #expect(cluster.access.authorizedTime == .seconds(20) && cluster.access.unauthorizedTime == .zero)
        #expect(cluster.admission == [.namespaceLifecycle])
        let proxy = try #require(configuration.identity.requestHeader)
        #expect(proxy.allowedNames == ["front-proxy-client", "other"])
        #expect(proxy.names == .init(user: ["X-A", "X-B"], uid: ["X-Uid"], group: ["X-G"], extraPrefix: ["X-E-"]))
        #expect(configuration.identity.clientCAFile == authority)
    }

    @Test func aPodFindsItsClusterByItself() throws {
        let files = try Files()
        defer { files.remove() }
        let pod = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        // Without the ServiceAccount's files, as on this machine, the message names what is missing.
        let told = faults(try complete(files, [], environment: pod))
        #expect(told.count == 1)
        #expect(told.first?.contains("/var/run/secrets/kubernetes.io/serviceaccount/namespace") == true)
    }

    @Test func neitherClusterNorStandaloneIsAFault() throws {
        let files = try Files()
        defer { files.remove() }
        let told = faults(try complete(files, []))
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("--kubeconfig: is required outside of a cluster") == true)
        #expect(told.first?.contains("--standalone") == true)
    }

    @Test func standaloneAndAClusterContradict() throws {
        let told = try commandLineFaults(changing: "--kubeconfig", to: "/some/file")
        #expect(told == ["--kubeconfig: contradicts --standalone: rights come from files then"])
    }

    @Test(arguments: [
        ("--kubeconfig=/nowhere/config", "--kubeconfig"),
        ("--authentication-kubeconfig=/nowhere/config", "--authentication-kubeconfig"),
        ("--authorization-kubeconfig=/nowhere/config", "--authorization-kubeconfig"),
        ("--authentication-token-webhook-cache-ttl=2h", "--authentication-token-webhook-cache-ttl"),
        ("--authorization-webhook-cache-authorized-ttl=x", "--authorization-webhook-cache-authorized-ttl"),
        ("--authorization-webhook-cache-unauthorized-ttl=-1s", "--authorization-webhook-cache-unauthorized-ttl"),
        ("--disable-admission-plugins=NamespaceLifecycle,Nothing", "--disable-admission-plugins"),
        ("--requestheader-allowed-names=x", "--requestheader-allowed-names"),
        ("--requestheader-client-ca-file=/nowhere/ca", "--requestheader-client-ca-file"),
        ("--authorization-always-allow-paths=/a*b", "--authorization-always-allow-paths"),
    ])
    func aFaultNamesItsFlag(_ argument: String, _ flag: String) throws {
        let files = try Files()
        defer { files.remove() }
        let path = try files.write("kubeconfig", TestKubeconfig.text)
        let config = argument.hasPrefix("--kubeconfig") ? [] : ["--kubeconfig=\(path)"]
        let told = faults(try complete(files, config + [argument]))
        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("\(flag): ") == true)
    }
}
