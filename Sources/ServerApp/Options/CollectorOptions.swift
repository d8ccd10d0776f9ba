internal import APIMachinery
public import ArgumentParser
internal import HTTPTransport
internal import ProfefeCollector

/// Who keeps the profiles: this server, or a profefe collector behind it.
public struct CollectorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who keeps the profiles: embedded (--data-dir), or collector (--collector-url; --data-dir then has a mirror of what the collector tells of them, and captures).",
            valueName: "kind"))
    var store = "embedded"

    @Option(
        help: ArgumentHelp(
            "The profefe collector that keeps the profiles: what is before /api/0, http or https; required with --store=collector.",
            valueName: "url"))
    var collectorUrl: String?

    @Option(
        help: ArgumentHelp(
            "PEM file of the CAs that the collector's certificate is believed by; read again when it changes. Default: the system's roots.",
            valueName: "file"))
    var collectorCaFile: String?

    @Option(
        help: ArgumentHelp("How often the collector is asked for new profiles.", valueName: "duration"))
    var collectorPollInterval = "30s"

    @Option(
        help: ArgumentHelp(
            "Memory for the bytes of profiles that were read from the collector.", valueName: "bytes"))
    var collectorCacheBytes = "33554432"

    @Option(
        help: ArgumentHelp(
            "Namespace of profiles of a collector, or sent by profefe's own API, whose label namespace is missing, comes twice, or is no name of a namespace.",
            valueName: "name"))
    var unscopedNamespace = "default"

    /// The defaults, or what the command line says.
    public init() {}

    /// Who keeps the profiles.
    enum Store: String, CaseIterable, Sendable { case embedded, collector }

    /// A collector that keeps them.
    struct Source: Sendable {
        var address: CollectorAddress
        var tls: ClientTLSConfiguration
        var pollInterval: Duration
        var cacheBytes: Int
    }

    /// The options as values.
    struct Completed: Sendable {
        /// Nil where this server keeps the profiles.
        var source: Source?
        var unscopedNamespace: String
    }

    func complete(_ faults: inout Faults) -> Completed {
        let store = faults.choice("--store", store, Store.embedded)
        if !Names.dns1123Label(unscopedNamespace).isEmpty {
            faults.add("--unscoped-namespace", "\"\(unscopedNamespace)\" is no name of a namespace (a DNS label)")
        }
        let pollInterval = faults.duration(
            "--collector-poll-interval", collectorPollInterval, in: .seconds(1)...Duration.seconds(3600))
        let cacheBytes = faults.integer("--collector-cache-bytes", collectorCacheBytes, in: 0...(1 << 36))
        let address = address(store, &faults)
        let tls = tls(store, address, &faults)
        let source = address.map { Source(address: $0, tls: tls, pollInterval: pollInterval, cacheBytes: cacheBytes) }
        return Completed(source: source, unscopedNamespace: unscopedNamespace)
    }

    private func address(_ store: Store, _ faults: inout Faults) -> CollectorAddress? {
        guard store == .collector else {
            if collectorUrl != nil { faults.add("--collector-url", "contradicts --store=embedded") }
            return nil
        }
        let url = faults.required("--collector-url", collectorUrl, "--store=collector keeps the profiles there")
        guard !url.isEmpty else { return nil }
        guard let address = CollectorAddress(url: url) else {
            faults.add(
                "--collector-url",
                "\"\(url)\" is no URL such as http://collector:10100, without user, query and fragment")
            return nil
        }
        return address
    }

    private func tls(
        _ store: Store, _ address: CollectorAddress?, _ faults: inout Faults
    ) -> ClientTLSConfiguration {
        guard let collectorCaFile else { return ClientTLSConfiguration() }
        if store == .embedded { faults.add("--collector-ca-file", "contradicts --store=embedded") }
        if let address, address.scheme != .https {
            faults.add("--collector-ca-file", "contradicts --collector-url=\(address), which has no TLS")
        }
        return ClientTLSConfiguration(
            trust: .authorities(.file(faults.readable("--collector-ca-file", collectorCaFile))))
    }
}
