import APIMachinery
import Foundation
import HTTPTransport
import TestSupport

/// The built server behind a ``FakeKubeAPI``, and the people who come to it.
struct ServerBehindKube: Sendable {
    let kube: FakeKubeAPI
    let server: RunningServer
    /// `authority` signs the front proxy, `otherAuthority` ordinary clients.
    let certificates: TestCertificates

    /// The path of a namespace's profiles.
    static func path(_ namespace: String, _ name: String? = nil) -> String { RunningServer.path(namespace, name) }

    /// What kube-apiserver writes for these CAs.
    static func trust(_ certificates: TestCertificates, proxies: [UInt8]? = nil, clients: [UInt8]? = nil) -> [String:
        String]
    {
        [
            "client-ca-file": String(
                decoding: clients ?? certificates.otherAuthority.certificatePEM, as: UTF8.self),
            "requestheader-client-ca-file": String(
                decoding: proxies ?? certificates.authority.certificatePEM, as: UTF8.self),
            "requestheader-allowed-names": #"["front-proxy-client"]"#,
            "requestheader-username-headers": #"["X-Remote-User"]"#,
            "requestheader-group-headers": #"["X-Remote-Group"]"#,
            "requestheader-extra-headers-prefix": #"["X-Remote-Extra-"]"#,
        ]
    }

    /// Starts both and gives them to `body`; ends them whatever it does.
    ///
    /// - Parameters:
    ///   - ready: whether the server is to get ready before.
    ///   - target: the port of what the pod `shop/web-1` serves.
    ///   - prepare: before the server starts; makes the ConfigMap unless told otherwise.
    static func with<R>(
        ready: Bool = true, flags: [String] = [], target: Int? = nil,
        prepare: (FakeKubeAPI, TestCertificates) throws -> Void = { try $0.putAuthenticationConfigMap(trust($1)) },
        _ body: (ServerBehindKube) async throws -> R
    ) async throws -> R {
        let certificates = try TestCertificates()
        return try await FakeKubeAPI.with(certificates: certificates) { kube in
            try kube.putNamespace("shop")
            try prepare(kube, certificates)
            let home = try await ServerHome()
            defer { home.remove() }
            if let target { try home.setTarget(port: target) }
            try home.directory.write(kube.kubeconfig(token: "the-server"), "cluster.kubeconfig")
            let own = home.clusterFlags + flags
            return try await RunningServer.start(in: home, instead: own, ready: ready).use { server in
                try await body(ServerBehindKube(kube: kube, server: server, certificates: certificates))
            }
        }
    }

    // MARK: who comes

    /// As kube-apiserver passes a user's request on.
    func proxied(_ user: String, _ groups: [String] = ["system:authenticated"], name: String = "front-proxy-client")
        throws -> [String]
    {
        let pair = try certificates.mint(.init(commonName: name), name: "proxy-\(name)")
        var arguments = Self.certificate(pair) + ["-H", "X-Remote-User: \(user)"]
        for group in groups { arguments += ["-H", "X-Remote-Group: \(group)"] }
        return arguments
    }

    /// With a certificate of the clients' CA.
    func client(_ user: String, _ groups: [String] = []) throws -> [String] {
        let subject = TestCertificates.Subject(commonName: user, organizations: groups)
        return Self.certificate(try certificates.mint(subject, name: "client-\(user)", byOther: true))
    }

    static func certificate(_ pair: TestCertificates.Pair) -> [String] {
        ["--cert", pair.certificateFile, "--key", pair.keyFile]
    }

    static func bearer(_ token: String) -> [String] { ["-H", "Authorization: Bearer \(token)"] }

    /// Asks by curl.
    func ask(_ path: String, _ arguments: [String]) async throws -> Answer {
        try await server.curl(path, as: nil, arguments)
    }

    /// Uploads a profile.
    func upload(_ namespace: String, _ who: [String]) async throws -> Answer {
        let file = ServerHome.profile("cpu").path
        return try await ask(RunningServer.uploads(namespace), who + ["--data-binary", "@\(file)"])
    }
}

extension ServerHome {
    /// The flags of a server of a cluster, whose kubeconfig is `cluster.kubeconfig`.
    var clusterFlags: [String] {
        [
            "--bind-address", "127.0.0.1", "--secure-port", "0", "--tls-cert-file", directory.path("certs/tls.crt"),
            "--tls-private-key-file", directory.path("certs/tls.key"), "--data-dir", directory.path("data"),
            "--pod-manifests", directory.path("pods.yaml"), "--kubeconfig", directory.path("cluster.kubeconfig"),
        ]
    }
}
