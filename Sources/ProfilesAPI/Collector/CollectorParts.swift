internal import APIMachinery
internal import Logging
internal import Pprof
internal import ProfileStore

/// What the group needs where its profiles are those of a collector.
struct CollectorParts: Sendable {
    let mirror: CollectorMirror
    let store: CollectorStore
    let archive: CollectorArchive

    init(
        _ configuration: CollectorConfiguration, store: any ObjectStore, limits: DecodeLimits,
        clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        let bytes = CollectorBytes(configuration, store: store, decoder: ProfileDecoder(limits: limits))
        mirror = CollectorMirror(configuration, store: store, clock: clock, now: now, logger: logger)
        self.store = CollectorStore(base: store, freshness: mirror.freshness, bytes: bytes)
        archive = CollectorArchive(
            client: configuration.client,
            mapping: CollectorMapping(unscopedNamespace: configuration.unscopedNamespace),
            metrics: configuration.metrics)
        configuration.metrics?.observe(mirror, bytes)
    }
}
