internal import APIMachinery
internal import APIServer
internal import Glibc
internal import HTTPTransport
internal import KubeClient
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ProfileStore

/// The kube-apiserver behind which the server is: the clients that talk to it, what is known of the cluster, and what keeps that fresh.
struct Cluster: Sendable {
    /// For everything but reviews.
    let client: KubeClient
    let tokenReviewer: KubeTokenReviewer
    let accessReviewer: KubeSubjectAccessReviewer
    /// What `kubectl describe` shows of what happened.
    let events: EventRecorder
    /// Nil where the command line says who is trusted.
    let trust: ExtensionAuthenticationSource?
    let options: ClusterOptions.Completed
    private let namespaces = ObjectCache<KubeNamespace>()
    private let quotas = ObjectCache<KubeResourceQuota>()
    private let authentication: KubeClient
    private let clients: [KubeClient]
    private let logger: Logger

    /// Connects to nothing yet.
    init(_ options: ClusterOptions.Completed, logger: Logger) {
        self.options = options
        self.logger = logger
        var clients: [KubeConfig: KubeClient] = [:]
        func client(_ config: KubeConfig) -> KubeClient {
            if let known = clients[config] { return known }
            let client = KubeClient(
                config: config, userAgent: "profefe-apiserver/\(Version.text)",
                group: MultiThreadedEventLoopGroup.singleton,
                logger: logger)
            clients[config] = client
            return client
        }
        self.client = client(options.core)
        events = EventRecorder(
            client: self.client, reporter: "profefe.io/apiserver", instance: Self.hostName, logger: logger)
        authentication = client(options.authentication)
        tokenReviewer = KubeTokenReviewer(client: authentication)
        accessReviewer = KubeSubjectAccessReviewer(client: client(options.authorization))
        trust = options.readsConfigMap ? ExtensionAuthenticationSource(logger: logger) : nil
        self.clients = Array(clients.values)
    }

    /// The pod's, or the machine's.
    private static let hostName: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// What must be known before requests can be answered rightly.
    var checks: [HealthCheck] {
        let synced = HealthCheck("informer-sync", in: .readyz) { [namespaces, quotas, options] in
            if options.admission.contains(.namespaceLifecycle), !namespaces.synced {
                throw HealthFailure("the namespaces are not known yet")
            }
            if options.admission.contains(.resourceQuota), !quotas.synced {
                throw HealthFailure("the resource quotas are not known yet")
            }
        }
        guard let trust, !options.toleratesLookupFailure else { return [synced] }
        return [trust.check, synced]
    }

    /// The namespaces; nil where they aren't followed because nothing is admitted by them.
    var followedNamespaces: ObjectCache<KubeNamespace>? {
        options.admission.contains(.namespaceLifecycle) ? namespaces : nil
    }

    /// What keeps the knowledge fresh.
    var services: [AppService] {
        var services = [AppService("the writing of events") { [events] in await events.run() }]
        if let trust {
            let reflector = Reflector(
                client: authentication, source: .authenticationConfigMap, sink: trust, logger: logger,
                onFailure: { trust.failed($0) }, decode: KubeConfigMap.init)
            services.append(AppService("the reading of extension-apiserver-authentication") { await reflector.run() })
        }
        if options.admission.contains(.namespaceLifecycle) {
            let reflector = Reflector(
                client: client, source: .namespaces, sink: namespaces, logger: logger, decode: KubeNamespace.init)
            services.append(AppService("the watch of namespaces") { await reflector.run() })
        }
        if options.admission.contains(.resourceQuota) {
            let reflector = Reflector(
                client: client, source: .resourceQuotas, sink: quotas, logger: logger, decode: KubeResourceQuota.init)
            services.append(AppService("the watch of resource quotas") { await reflector.run() })
        }
        return services
    }

    /// The last word on new objects, of which `store` has the others.
    func admission(over store: any ObjectStore, measuredBy metrics: AdmissionMetrics) -> AdmissionChain {
        var plugins: [any Admission] = []
        if options.admission.contains(.namespaceLifecycle) {
            let lifecycle = NamespaceLifecycle(namespaces: namespaces, client: client, logger: logger)
            plugins.append(metrics.measured(lifecycle, name: "NamespaceLifecycle"))
        }
        if options.admission.contains(.resourceQuota) {
            let quota = ObjectCountQuota(quotas: quotas) { resource, namespace throws(StatusError) in
                do throws(StoreError) {
                    let query = ObjectQuery(resource: resource.resource, namespace: namespace, limit: 1)
                    let page = try await store.page(query)
                    return page.items.count + (page.remaining ?? 0)
                } catch {
                    throw StatusError.serviceUnavailable("the objects of the namespace can't be counted")
                        .caused(by: error)
                }
            }
            plugins.append(metrics.measured(quota, name: "ResourceQuota"))
        }
        return AdmissionChain(plugins)
    }

    /// Closes the connections.
    func shutdown() async {
        for client in clients { await client.shutdown() }
    }
}

/// Something that runs as long as the process.
struct AppService: Sendable {
    /// For the log, when it ends.
    let name: String
    let run: @Sendable () async -> Void

    init(_ name: String, _ run: @escaping @Sendable () async -> Void) {
        self.name = name
        self.run = run
    }
}
