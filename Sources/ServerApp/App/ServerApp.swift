internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Pprof
internal import ProfileCapture
internal import ProfileStore
internal import ProfilesAPI

/// Everything of one server, built from its configuration and not yet running: the only place that builds things.
struct ServerApp: Sendable {
    let configuration: AppConfiguration
    let logger: Logger
    let store: DeferredStore<EmbeddedStore>
    let api: ProfilesAPI
    let reloader: FileReloader
    let server: HTTPServer
    /// Serves profefe's own API; nil where that isn't wanted.
    let collectorServer: HTTPServer?
    let client: HTTPClient
    /// Nil in standalone mode.
    let cluster: Cluster?
    /// How long profiles are kept.
    let retention: RetentionSource
    /// Nil where this server keeps the profiles.
    let collector: CollectorBehind?
    /// Nil where the serving certificate is given.
    let keeper: OwnCertificate.Keeper?
    /// What counts, looks and records beside the requests.
    let operation: Operation
    let counts: ObjectCounts
    let registry: MetricsRegistry
    /// The end.
    let shutdown: ShutdownSequence

    /// Builds the services.
    ///
    /// - Parameter told: what is wrong with the command line already.
    /// - Throws: ``ConfigurationError`` with that, and with every file that was named and can't be used.
    init(
        _ configuration: AppConfiguration, after told: Faults = Faults(), logger: Logger
    ) throws(ConfigurationError) {
        self.configuration = configuration
        self.logger = logger
        var faults = told
        faults.settle()
        let registry = MetricsRegistry()
        let cluster = configuration.cluster.map { Cluster($0, logger: logger) }
        let who = Identity(configuration.identity, cluster, registry: registry, logger: logger, &faults)
        let pods = Self.pods(configuration.store.podManifests, cluster, logger, &faults)
        retention = RetentionSource(
            configuration.retention, namespaces: cluster?.followedNamespaces, logger: logger, &faults)
        keeper = Self.keeper(configuration.certificate, cluster, logger, &faults)
        let auditing = configuration.audit.flatMap { Auditing($0, registry: registry, logger: logger, &faults) }
        guard let identity = who, let pods, faults.messages.isEmpty else {
            throw ConfigurationError(messages: faults.messages)
        }
        let store = DeferredStore<EmbeddedStore>()
        let operation = Operation(configuration, auditing, registry: registry)
        let admission = cluster?.admission(over: store, measuredBy: operation.admissions) ?? AdmissionChain()
        let client = HTTPClient(
            group: MultiThreadedEventLoopGroup.singleton,
            configuration: HTTPClientConfiguration(tls: configuration.store.captureTLS))
        collector = CollectorBehind(configuration.collector, registry: registry)
        let api = ProfilesAPI(
            Self.apiConfiguration(configuration, admission, cluster, collector),
            store: MeasuredStore(store, StoreMetrics(registry: registry)),
            resolver: TargetResolver(pods: pods, mayReach: identity.mayReach),
            fetcher: ProfileFetcher(client: client, decoder: ProfileDecoder(limits: .default)), logger: logger)
        var handlers = HandlerConfiguration()
        handlers.creation = CreationGate(authorizer: identity.authorizer, admission: admission)
        handlers.watchMetrics = WatchMetrics(registry: registry)
        handlers.drain = operation.watches
        let group = APIGroupEndpoint(
            group: ProfilesGroup.groupVersion.group, version: ProfilesGroup.groupVersion.version,
            resources: api.resources, configuration: handlers)
        let storage = HealthCheck("storage", in: .readyz, note: { store.opened?.shortage?.message }) {
            if let problem = store.health.problem { throw problem }
        }
        let health = HealthEndpoint(
            [.ping, storage] + (api.mirror.map { [$0.check] } ?? []) + (cluster?.checks ?? [])
                + (keeper.map { [$0.check] } ?? []) + [operation.notice.check],
            registry: registry, logger: logger)
        let chain = HandlerChain(
            configuration: Self.chainConfiguration(configuration), authenticator: identity.authenticator,
            authorizer: identity.authorizer,
            endpoint: Self.router(
                group, Self.openAPI(api), health, registry, isStandalone: cluster == nil),
            registry: registry,
            resources: Self.knownResources(api.resources), logger: logger, auditor: operation.auditing?.auditor,
            gate: operation.gate)
        let observer = TransportMetrics(registry: registry)
        server = HTTPServer(
            configuration: configuration.server, handler: chain, logger: logger, observer: observer)
        collectorServer = configuration.collectorAPI.map { options in
            HTTPServer(
                configuration: options.serving(like: configuration.server),
                handler: api.collectorAPI.chain(
                    chain, authorizer: options.isAnonymous ? nil : identity.authorizer, version: Version.text),
                logger: logger, observer: observer)
        }
        reloader = FileReloader(identity.reloadables + operation.reloadables + retention.reloadables)
        operation.observe(
            store, api.captures, server, directory: configuration.store.directory, in: registry)
        shutdown = operation.shutdown(
            of: [server] + (collectorServer.map { [$0] } ?? []), configuration, logger: logger)
        counts = ObjectCounts(store, registry: registry)
        self.registry = registry
        self.operation = operation
        self.client = client
        self.cluster = cluster
        self.api = api
        self.store = store
    }

    /// The server listens with a pair of its own until the Secret is read: what keeps it needs the pair's files to be there.
    private static func keeper(
        _ certificate: OwnCertificate?, _ cluster: Cluster?, _ logger: Logger, _ faults: inout Faults
    ) -> OwnCertificate.Keeper? {
        guard let certificate, let cluster, !faults.concern("--data-dir") else { return nil }
        do throws(TransportError) {
            try certificate.files.ensurePair()
        } catch {
            faults.add("--data-dir", error.message)
        }
        return certificate.keeper(cluster.client, logger: logger)
    }

    private static func apiConfiguration(
        _ app: AppConfiguration, _ admission: AdmissionChain, _ cluster: Cluster?, _ collector: CollectorBehind?
    ) -> ProfilesAPI.Configuration {
        let options = app.store
        var configuration = ProfilesAPI.Configuration()
        configuration.admission = admission
        configuration.advertisesProfileWatch = options.advertiseProfileWatch
        configuration.hasGarbageCollector = cluster != nil
        if let cluster {
            let events = CaptureEvents(recorder: cluster.events)
            configuration.announce = { events.record($0, $1) }
        }
        configuration.captures.running = options.runningCaptures
        configuration.captures.queued = options.queuedCaptures
        configuration.analyses = app.analyses
        configuration.collector = collector?.configuration
        configuration.unscopedNamespace = app.collector.unscopedNamespace
        return configuration
    }

    private static func chainConfiguration(_ app: AppConfiguration) -> HandlerChainConfiguration {
        let options = app.requests
        var configuration = HandlerChainConfiguration()
        configuration.goAwayChance = app.operation.goAwayChance
        configuration.logsEveryRequest = app.operation.logsRequests
        configuration.requestTimeout = options.timeout
        configuration.mutatingRequestTimeout = min(options.timeout, configuration.mutatingRequestTimeout)
        configuration.maxRequestsInFlight = options.readOnlyInFlight
        configuration.maxMutatingRequestsInFlight = options.mutatingInFlight
        return configuration
    }

    private static func pods(
        _ paths: [String], _ cluster: Cluster?, _ logger: Logger, _ faults: inout Faults
    ) -> (any PodSource)? {
        if let cluster, paths.isEmpty { return ClusterPods(client: cluster.client) }
        return faults.read("--pod-manifests") {
            try PodManifests(paths: paths) { error in
                logger.error(
                    "a pod manifest can't be used, its last good content stays", metadata: ["error": "\(error)"])
            }
        }
    }

    private static func router(
        _ group: APIGroupEndpoint, _ openAPI: OpenAPIEndpoint, _ health: HealthEndpoint, _ registry: MetricsRegistry,
        isStandalone: Bool
    ) -> EndpointRouter {
        let info = VersionInfo(gitVersion: Version.text)
        info.register(in: registry)
        let version = VersionEndpoint(info)
        let paths: [String: any Endpoint] = [
            "/livez": health, "/livez/": health, "/readyz": health, "/readyz/": health, "/healthz": health,
            "/healthz/": health, "/metrics": MetricsEndpoint(registry), "/version": version, "/version/": version,
            "/openapi/v2": openAPI, "/openapi/v3": openAPI, "/openapi/v3/": openAPI,
        ]
        let told = paths.keys.filter { !$0.hasSuffix("/") }.sorted()
        return EndpointRouter(
            groups: [group],
            discovery: [DiscoveryEndpoint(group.groupVersion, resources: group.discovered, otherPaths: told)],
            paths: paths, standIns: isStandalone ? [ImpliedNamespaces.groupVersion: ImpliedNamespaces()] : [:])
    }

    private static func openAPI(_ api: ProfilesAPI) -> OpenAPIEndpoint {
        OpenAPIEndpoint(ProfilesGroup.groupVersion, resources: api.resources, now: { Timestamp.now() })
    }

    private static func knownResources(_ resources: [APIResource]) -> KnownResources {
        let (group, version) = (ProfilesGroup.groupVersion.group, ProfilesGroup.groupVersion.version)
        var known = KnownResources()
        for resource in resources.map(\.discovered) {
            known.insert(group: group, version: version, resource: resource.plural)
            for subresource in resource.subresources {
                known.insert(
                    group: group, version: version, resource: resource.plural, subresource: subresource.name,
                    connects: true)
            }
        }
        return known
    }
}
