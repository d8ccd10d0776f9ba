internal import APIServer
public import ArgumentParser
internal import KubeClient

/// The kube-apiserver behind which the server is. Flags are the apiserver library's; in a cluster none is needed.
public struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Kubeconfig of the cluster, for use outside of it (default: the pod's ServiceAccount).",
            valueName: "file"))
    var kubeconfig: String?

    @Option(
        help: ArgumentHelp(
            "Kubeconfig for TokenReviews and the ConfigMap extension-apiserver-authentication (default: as --kubeconfig).",
            valueName: "file"))
    var authenticationKubeconfig: String?

    @Option(
        help: ArgumentHelp("Kubeconfig for SubjectAccessReviews (default: as --kubeconfig).", valueName: "file"))
    var authorizationKubeconfig: String?

    @Option(
        defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Don't read the ConfigMap extension-apiserver-authentication: the CAs and the front proxy are those of the flags (default: false).",
            valueName: "bool"))
    var authenticationSkipLookup: String?

    @Option(
        defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Be ready though that ConfigMap can't be read; requests of kube-apiserver are not recognised until it is (default: false).",
            valueName: "bool"))
    var authenticationTolerateLookupFailure: String?

    @Option(
        help: ArgumentHelp("How long an answer about a bearer token is remembered.", valueName: "duration"))
    var authenticationTokenWebhookCacheTtl = "10s"

    @Option(
        help: ArgumentHelp(
            "Audiences of which a bearer token must have one (default: kube-apiserver's own); comma-separated.",
            valueName: "names"))
    var apiAudiences: [String] = []

    @Option(help: ArgumentHelp("How long it is remembered that something is allowed.", valueName: "duration"))
    var authorizationWebhookCacheAuthorizedTtl = "10s"

    @Option(help: ArgumentHelp("How long it is remembered that something isn't.", valueName: "duration"))
    var authorizationWebhookCacheUnauthorizedTtl = "10s"

    @Option(
        help: ArgumentHelp(
            "Admission plugins to leave out, comma-separated: NamespaceLifecycle, ResourceQuota (default: none).",
            valueName: "names"))
    var disableAdmissionPlugins: [String] = []

    /// The defaults, or what the command line says.
    public init() {}

    /// What looks at new objects.
    enum AdmissionPlugin: String, CaseIterable, Sendable {
        case namespaceLifecycle = "NamespaceLifecycle"
        case resourceQuota = "ResourceQuota"
    }

    /// The options as values.
    struct Completed: Sendable {
        /// For everything that isn't one of the two below.
        var core: KubeConfig
        var authentication: KubeConfig
        var authorization: KubeConfig
        var readsConfigMap: Bool
        var toleratesLookupFailure: Bool
        var tokens: TokenReviewAuthenticator.Configuration
        var access: SubjectAccessReviewAuthorizer.Configuration
        var admission: Set<AdmissionPlugin>
    }

    /// The names of the flags that make no sense without a cluster.
    private var given: [String] {
        let files = [
            ("--kubeconfig", kubeconfig), ("--authentication-kubeconfig", authenticationKubeconfig),
            ("--authorization-kubeconfig", authorizationKubeconfig),
        ]
        return files.filter { $0.1 != nil }.map(\.0)
    }

    /// Nil, and told, where the server is to be without a cluster or none can be found.
    func complete(
        standalone: Bool, environment: [String: String], _ faults: inout Faults
    ) -> Completed? {
        let skipsLookup = faults.boolean("--authentication-skip-lookup", authenticationSkipLookup)
        let toleratesFailure = faults.boolean(
            "--authentication-tolerate-lookup-failure", authenticationTolerateLookupFailure)
        guard !standalone else {
            for flag in given { faults.add(flag, "contradicts --standalone: rights come from files then") }
            return nil
        }
        let core = core(environment, &faults)
        let authentication = authenticationKubeconfig.map { read("--authentication-kubeconfig", $0, &faults) } ?? core
        let authorization = authorizationKubeconfig.map { read("--authorization-kubeconfig", $0, &faults) } ?? core
        let times = durations(&faults)
        let admission = plugins(&faults)
        guard let core, let authentication, let authorization else { return nil }
        var tokens = TokenReviewAuthenticator.Configuration()
        tokens.audiences = Self.words(apiAudiences)
        tokens.cacheTime = times.tokens
        var access = SubjectAccessReviewAuthorizer.Configuration()
        access.authorizedTime = times.authorized
        access.unauthorizedTime = times.unauthorized
        return Completed(
            core: core, authentication: authentication, authorization: authorization,
            readsConfigMap: !skipsLookup, toleratesLookupFailure: toleratesFailure,
            tokens: tokens, access: access, admission: admission)
    }

    private func core(_ environment: [String: String], _ faults: inout Faults) -> KubeConfig? {
        if let kubeconfig { return read("--kubeconfig", kubeconfig, &faults) }
        do throws(KubeClientError) {
            return try KubeConfig.inCluster(environment: environment)
        } catch {
            faults.add(
                "--kubeconfig",
                "is required outside of a cluster (\(error.message)); or give --standalone, with clients and rights from files"
            )
            return nil
        }
    }

    private func read(_ flag: String, _ path: String, _ faults: inout Faults) -> KubeConfig? {
        do throws(KubeClientError) {
            return try KubeConfigFile.load(path).config()
        } catch {
            faults.add(flag, error.message)
            return nil
        }
    }

    private func durations(
        _ faults: inout Faults
    ) -> (tokens: Duration, authorized: Duration, unauthorized: Duration) {
        let hour = Duration.zero...Duration.seconds(3600)
        return (
            faults.duration(
                "--authentication-token-webhook-cache-ttl", authenticationTokenWebhookCacheTtl, in: hour),
            faults.duration(
                "--authorization-webhook-cache-authorized-ttl", authorizationWebhookCacheAuthorizedTtl, in: hour),
            faults.duration(
                "--authorization-webhook-cache-unauthorized-ttl", authorizationWebhookCacheUnauthorizedTtl, in: hour)
        )
    }

    private func plugins(_ faults: inout Faults) -> Set<AdmissionPlugin> {
        var plugins = Set(AdmissionPlugin.allCases)
        for name in Self.words(disableAdmissionPlugins) {
            plugins.remove(faults.choice("--disable-admission-plugins", name, .namespaceLifecycle))
        }
        return plugins
    }

    /// The words of a flag that may be repeated, and each time hold several.
    static func words(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map(String.init)
            .filter { !$0.isEmpty }
    }
}
