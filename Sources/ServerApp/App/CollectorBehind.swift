internal import APIServer
internal import NIOPosix
internal import ProfefeCollector
internal import ProfileStore
internal import ProfilesAPI

/// The profefe collector that keeps the profiles, where `--store=collector` says so.
struct CollectorBehind: Sendable {
    let configuration: CollectorConfiguration
    /// What makes a mirror another one: what it is of, and where its profiles are shown.
    let source: MirroredSource

    /// Connects to nothing yet.
    init?(_ options: CollectorOptions.Completed, registry: MetricsRegistry) {
        guard let source = options.source else { return nil }
        let client = CollectorClient(source.address, tls: source.tls, group: MultiThreadedEventLoopGroup.singleton)
        var configuration = CollectorConfiguration(client)
        configuration.pollInterval = source.pollInterval
        configuration.cacheBytes = source.cacheBytes
        configuration.unscopedNamespace = options.unscopedNamespace
        configuration.metrics = CollectorMetrics(registry: registry)
        self.configuration = configuration
        self.source = MirroredSource(
            name: "\(source.address)", parts: ["\(source.address)", options.unscopedNamespace],
            resource: ProfilesGroup.profiles)
    }
}

extension CollectorMirror {
    /// Not ready until the first poll has ended, well or badly: before it lists lack what the collector has, and a collector that is away
    /// later must not take the API with it.
    var check: HealthCheck {
        HealthCheck("collector-mirror", in: .readyz) { [freshness] in
            if freshness.isBeforeFirstPoll { throw HealthFailure("the collector has not been read yet") }
        }
    }
}
