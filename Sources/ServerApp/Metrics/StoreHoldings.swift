internal import APIServer
internal import ProfileStore

/// The metrics of what the embedded store holds and removes, looked up at each scrape.
struct StoreHoldings: Sendable {
    private let profiles: GaugeFamily
    private let bytes: GaugeFamily
    private let held: GaugeFamily
    private let expired: Family<SampledCounter>
    private let free: Gauge
    private let takesCreates: Gauge
    private let reusable: Gauge

    init(_ registry: MetricsRegistry) {
        profiles = registry.gauges("profefe_store_profiles", "Profiles in the store.", labels: ["type"])
        bytes = registry.gauges(
            "profefe_store_profile_bytes", "Bytes that profiles count for in limits.", labels: ["type"])
        held = registry.gauges(
            "profefe_store_held_bytes",
            "Bytes of profiles that retention can't remove: pinned, or waiting for a finalizer.", labels: ["type"])
        expired = registry.sampledCounters(
            "profefe_store_expired_total", "Profiles that retention removed, by reason.", labels: ["reason"])
        free = registry.gauges(
            "profefe_store_disk_free_bytes", "Bytes free on the file system of the store; -1 if nobody looks."
        ).with()
        takesCreates = registry.gauges(
            "profefe_store_takes_creates", "Whether the disk has room for creates (1) or not (0)."
        ).with()
        reusable = registry.gauges(
            "profefe_store_reusable_ratio", "Part of the database file that is free for reuse."
        ).with()
    }

    func set(_ statistics: StoreStatistics) {
        // What has gone since is 0, not what it was.
        for type in ProfileType.allCases.map(\.rawValue) {
            let usage = statistics.usage[type] ?? StoreUsage()
            profiles.with(type).set(Double(usage.objects))
            bytes.with(type).set(Double(usage.bytes))
            held.with(type).set(Double(usage.heldBytes))
        }
        for reason in RetirementReason.allCases {
            expired.with(reason.rawValue).set(Double(statistics.retired[reason] ?? 0))
        }
        free.set(statistics.freeDiskBytes.map(Double.init) ?? -1)
        takesCreates.set(statistics.takesCreates ? 1 : 0)
        reusable.set(statistics.reusableShare)
    }
}
