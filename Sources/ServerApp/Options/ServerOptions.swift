public import ArgumentParser
internal import Foundation
internal import HTTPTransport

/// The command line of `profefe-apiserver`.
public struct ServerOptions: ParsableArguments {
    @Flag(
        help:
            "Serve without a cluster: clients and rights come from files, pods from --pod-manifests. Otherwise the server is behind a kube-apiserver: that of the pod it runs in, or of --kubeconfig."
    )
    var standalone = false

    @OptionGroup(title: "Serving") var serving: ServingOptions
    @OptionGroup(title: "Limits of connections") var transport: TransportLimitOptions
    @OptionGroup(title: "Requests") var requests: RequestOptions
    @OptionGroup(title: "Operation") var operation: OperationOptions
    @OptionGroup(title: "Audit") var audit: AuditOptions
    @OptionGroup(title: "Authentication and authorization") var identity: IdentityOptions
    @OptionGroup(title: "Front proxy") var requestHeader: RequestHeaderOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Store and captures") var store: StoreOptions
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
        let limits = transport.complete(&faults)
        let serving = self.serving.complete(limits, &faults)
        let day = Duration.zero...Duration.seconds(86_400)
        let configuration = AppConfiguration(
            server: serving, requests: requests.complete(&faults),
            identity: identity.complete(standalone: standalone, requestHeader.complete(&faults), &faults),
            cluster: cluster.complete(standalone: standalone, environment: environment, &faults),
            store: store.complete(&faults), logs: logs.complete(&faults), operation: operation.complete(&faults),
            audit: audit.complete(&faults),
            shutdownDelay: faults.duration("--shutdown-delay-duration", self.serving.shutdownDelayDuration, in: day),
            shutdownDrain: faults.duration("--shutdown-drain-duration", self.serving.shutdownDrainDuration, in: day))
        guard faults.messages.isEmpty else { throw ConfigurationError(messages: faults.messages) }
        return configuration
    }
}

/// The checked command line: what the services are built from.
struct AppConfiguration: Sendable {
    var server: ServerConfiguration
    var requests: RequestOptions.Completed
    var identity: IdentityOptions.Completed
    /// Nil in standalone mode.
    var cluster: ClusterOptions.Completed?
    var store: StoreOptions.Completed
    var logs: LogOptions.Completed
    var operation: OperationOptions.Completed
    /// Nil if nothing is recorded.
    var audit: AuditOptions.Completed?
    var shutdownDelay: Duration
    var shutdownDrain: Duration
}
