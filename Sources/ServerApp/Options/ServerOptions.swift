internal import APIServer
public import ArgumentParser
internal import Foundation
internal import HTTPTransport
internal import KubeClient
internal import ProfilesAPI

/// The command line of `profefe-apiserver`.
public struct ServerOptions: ParsableArguments {
    @Option(
        defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Serve without a cluster: clients and rights come from files, pods from --pod-manifests. Otherwise the server is behind a kube-apiserver: that of the pod it runs in, or of --kubeconfig (default: false).",
            valueName: "bool"))
    var standalone: String?

    @OptionGroup(title: "Serving") var serving: ServingOptions
    @OptionGroup(title: "Limits of connections") var transport: TransportLimitOptions
    @OptionGroup(title: "Requests") var requests: RequestOptions
    @OptionGroup(title: "Operation") var operation: OperationOptions
    @OptionGroup(title: "Audit") var audit: AuditOptions
    @OptionGroup(title: "Authentication and authorization") var identity: IdentityOptions
    @OptionGroup(title: "Front proxy") var requestHeader: RequestHeaderOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Store and captures") var store: StoreOptions
    @OptionGroup(title: "Retention") var retention: RetentionOptions
    @OptionGroup(title: "profefe collector") var collector: CollectorOptions
    @OptionGroup(title: "profefe's own API") var collectorAPI: CollectorAPIOptions
    @OptionGroup(title: "Analyses") var analyses: AnalysisOptions
    @OptionGroup(title: "Logs") var logs: LogOptions

    /// The defaults, or what the command line says.
    public init() {}

    /// Checks everything and gives the values.
    ///
    /// - Throws: ``ConfigurationError`` with every fault.
    func complete(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> AppConfiguration {
        var faults = Faults()
        let configuration = complete(environment: environment, &faults)
        guard faults.messages.isEmpty else { throw ConfigurationError(messages: faults.messages) }
        return configuration
    }

    /// The values; those of faulty options are stand-ins.
    func complete(
        environment: [String: String] = ProcessInfo.processInfo.environment, _ faults: inout Faults
    ) -> AppConfiguration {
        let standalone = faults.boolean("--standalone", self.standalone)
        let store = self.store.complete(&faults)
        let cluster = self.cluster.complete(standalone: standalone, environment: environment, &faults)
        let certificate = ownCertificate(cluster, store, environment)
        let day = Duration.zero...Duration.seconds(86_400)
        let configuration = AppConfiguration(
            server: serving.complete(transport.complete(&faults), own: certificate?.files, &faults),
            requests: requests.complete(&faults),
            identity: identity.complete(standalone: standalone, requestHeader.complete(&faults), &faults),
            cluster: cluster, certificate: certificate, store: store, collector: collector.complete(&faults),
            retention: retention.complete(&faults), collectorAPI: collectorAPI.complete(&faults),
            analyses: analyses.complete(&faults),
            logs: logs.complete(&faults),
            operation: operation.complete(&faults), audit: audit.complete(&faults),
            shutdownDelay: faults.duration("--shutdown-delay-duration", serving.shutdownDelayDuration, in: day),
            shutdownDrain: faults.duration("--shutdown-drain-duration", serving.shutdownDrainDuration, in: day))
        if configuration.collector.source != nil { retention.refuse(with: "--store=collector", &faults) }
        return configuration
    }

    /// Nil where the certificate is given, or there is no cluster to keep one.
    private func ownCertificate(
        _ cluster: ClusterOptions.Completed?, _ store: StoreOptions.Completed, _ environment: [String: String]
    ) -> OwnCertificate? {
        guard let cluster, serving.makesCertificate else { return nil }
        let own = cluster.core.namespace
        let namespace = environment["POD_NAMESPACE"] ?? (own.isEmpty ? "kube-system" : own)
        return OwnCertificate(
            files: ServingCertificateFiles(directory: "\(store.directory)/serving-certificate"), namespace: namespace,
            secret: serving.servingCertSecret, replica: environment["POD_NAME"] ?? "profefe-apiserver")
    }
}

/// The checked command line: what the services are built from.
struct AppConfiguration: Sendable {
    var server: ServerConfiguration
    var requests: RequestOptions.Completed
    var identity: IdentityOptions.Completed
    /// Nil in standalone mode.
    var cluster: ClusterOptions.Completed?
    /// Nil where the certificate is given.
    var certificate: OwnCertificate?
    var store: StoreOptions.Completed
    var collector: CollectorOptions.Completed
    var retention: RetentionOptions.Completed
    /// Nil where profefe's own API isn't served.
    var collectorAPI: CollectorAPIOptions.Completed?
    var analyses: AnalysisLimits
    var logs: LogOptions.Completed
    var operation: OperationOptions.Completed
    /// Nil if nothing is recorded.
    var audit: AuditOptions.Completed?
    var shutdownDelay: Duration
    var shutdownDrain: Duration
}
