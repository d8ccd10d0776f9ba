import APIMachinery

/// A kubeconfig file, read but not yet used: which contexts it has, and what each leads to.
///
/// Unknown fields are ignored, as kubectl does. Entries that the wanted context doesn't use may be wrong: only what is used is checked.
public struct KubeConfigFile: Sendable {
    /// Where it lies; relative paths in it are relative to its directory.
    public let path: String
    /// `current-context`; may be empty.
    public let currentContext: String
    private let root: ConfigReader

    /// Reads the YAML or JSON of a kubeconfig; touches no files.
    ///
    /// - Parameter path: for messages and for relative paths.
    /// - Throws: `.configuration` with file and field path.
    public init(parsing bytes: [UInt8], path: String) throws(KubeClientError) {
        let document: JSONDocument
        do throws(YAMLError) {
            document = try YAML.parse(bytes, limits: YAMLLimits(depth: 64, bytes: 8 << 20))
        } catch {
            throw KubeClientError(.configuration, "\(path): \(error)")
        }
        root = try ConfigReader(document.value, file: path, field: "")
        self.path = path
        if let kind = try root.text("kind"), kind != "Config" {
            throw root.fault("kind", "must be Config, not \(kind.debugDescription)")
        }
        if let version = try root.text("apiVersion"), version != "v1" {
            throw root.fault("apiVersion", "must be v1, not \(version.debugDescription)")
        }
        currentContext = try root.text("current-context") ?? ""
    }

    /// The names of the contexts, in order.
    ///
    /// - Throws: `.configuration` if an entry has no name.
    public func contextNames() throws(KubeClientError) -> [String] {
        var names: [String] = []
        for entry in try root.entries("contexts") { names.append(try entry.required("name")) }
        return names
    }

    /// What a context leads to.
    ///
    /// - Parameter name: nil is the current context.
    /// - Throws: `.configuration` with file and field path: no such context, a cluster or user that isn't there, fields of the wrong
    ///   type, credentials that can't be used here (`exec`, `auth-provider`, `proxy-url`), or that exclude each other.
    public func config(context name: String? = nil) throws(KubeClientError) -> KubeConfig {
        let name = name ?? currentContext
        guard !name.isEmpty else {
            throw root.fault(
                "current-context", "is empty; name one of the contexts: \(try contextNames().joined(separator: ", "))")
        }
        guard let entry = try root.entry("contexts", named: name) else {
            throw root.fault("contexts", "has no entry named \(name.debugDescription)")
        }
        let context = try entry.requiredObject("context")
        let clusterName: String = try context.required("cluster")
        guard let cluster = try root.entry("clusters", named: clusterName) else {
            throw context.fault("cluster", "is \(clusterName.debugDescription), which no entry of clusters is named")
        }
        var config = try clusterConfig(try cluster.requiredObject("cluster"))
        config.namespace = try context.text("namespace") ?? ""
        config.origin = "\(path): context \(name.debugDescription)"
        if let userName = try context.text("user"), !userName.isEmpty {
            guard let user = try root.entry("users", named: userName) else {
                throw context.fault("user", "is \(userName.debugDescription), which no entry of users is named")
            }
            if let user = try user.object("user") { try KubeConfigUser(user, name: userName, path).apply(to: &config) }
        }
        return config
    }

    private func clusterConfig(_ cluster: ConfigReader) throws(KubeClientError) -> KubeConfig {
        let url: String = try cluster.required("server")
        guard let server = KubeEndpoint(url: url) else {
            throw cluster.fault(
                "server",
                "must be a URL such as https://10.0.0.1:6443, without user, query and fragment, not \(url.debugDescription)"
            )
        }
        if let proxy = try cluster.text("proxy-url"), !proxy.isEmpty {
            throw cluster.fault(
                "proxy-url", "is set, but this client uses no proxies: connect directly, or by a tunnel")
        }
        var tls = KubeTLS()
        tls.authority = try cluster.material("certificate-authority", in: path)
        tls.serverName = try cluster.text("tls-server-name") ?? ""
        tls.skipsVerification = try cluster.flag("insecure-skip-tls-verify") ?? false
        if tls.skipsVerification, tls.authority != nil {
            throw cluster.fault(
                "insecure-skip-tls-verify",
                "is true, but certificate-authority says whom to trust: leave one of them out")
        }
        return KubeConfig(server: server, tls: tls)
    }
}

/// The `user` of an entry of `users`.
private struct KubeConfigUser {
    let user: ConfigReader
    let name: String
    let path: String

    init(_ user: ConfigReader, name: String, _ path: String) {
        self.user = user
        self.name = name
        self.path = path
    }

    func apply(to config: inout KubeConfig) throws(KubeClientError) {
        try refusePlugins()
        config.tls.clientCertificate = try user.material("client-certificate", in: path)
        config.tls.clientKey = try user.material("client-key", in: path)
        if config.tls.clientCertificate == nil, config.tls.clientKey != nil {
            throw user.fault("client-key", "is set without client-certificate")
        }
        if config.tls.clientCertificate != nil, config.tls.clientKey == nil {
            throw user.fault("client-certificate", "is set without client-key")
        }
        config.credential = try credential()
        config.impersonation = try impersonation()
    }

    private func refusePlugins() throws(KubeClientError) {
        let ways =
            "this program runs no credential plugins. Give the user a token, a tokenFile or a client-certificate, "
            + "for example of a ServiceAccount (kubectl create token)"
        if try user.object("exec") != nil {
            throw user.fault("exec", "user \(name.debugDescription) gets its credentials from a command; \(ways)")
        }
        if try user.object("auth-provider") != nil {
            throw user.fault(
                "auth-provider", "user \(name.debugDescription) gets its credentials from a provider; \(ways)")
        }
    }

    /// A token's file counts before a token, as for kubectl.
    private func credential() throws(KubeClientError) -> KubeCredential {
        let token = try user.secret("token")
        let file = try user.text("tokenFile") ?? ""
        let (name, password) = (try user.secret("username"), try user.secret("password"))
        guard !name.isEmpty || !password.isEmpty else {
            if !file.isEmpty { return .tokenFile(KubeConfigFile.resolve(file, besides: path)) }
            return token.isEmpty ? .none : .token(token)
        }
        guard token.isEmpty, file.isEmpty else {
            throw user.fault(
                "username", "is set, and so is a token: a user has one way to be recognised by Authorization")
        }
        return .basic(user: name, password: password)
    }

    private func impersonation() throws(KubeClientError) -> Impersonation? {
        let impersonation = Impersonation(
            user: try user.secret("as"), uid: try user.secret("as-uid"), groups: try user.texts("as-groups"),
            extra: try user.textLists("as-user-extra"))
        guard impersonation.user.isEmpty else { return impersonation }
        guard impersonation.uid.isEmpty, impersonation.groups.isEmpty, impersonation.extra.isEmpty else {
            throw user.fault("as", "is missing: as-uid, as-groups and as-user-extra need the user to act as")
        }
        return nil
    }
}

extension KubeConfigFile {
    /// A path in a kubeconfig: relative to the directory of the file.
    static func resolve(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return "\(file[...slash])\(path)"
    }

    /// The most bytes of a kubeconfig.
    private static let sizeLimit = 8 << 20

    /// Reads a kubeconfig from the disk. Blocks: never on an event loop.
    ///
    /// - Throws: `.configuration` with the path.
    public static func load(_ path: String) throws(KubeClientError) -> KubeConfigFile {
        switch RotatingFile.contents(of: path, limit: sizeLimit) {
        case .success(let bytes): return try KubeConfigFile(parsing: bytes, path: path)
        case .failure(let fault): throw KubeClientError(.configuration, "kubeconfig \(path): \(fault.what)")
        }
    }
}
