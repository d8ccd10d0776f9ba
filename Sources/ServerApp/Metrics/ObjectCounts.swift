internal import APIMachinery
internal import APIServer
internal import ProfileStore
internal import ProfilesAPI

/// Counts the objects of each resource from time to time, as kube-apiserver does: under its old name and its new one.
struct ObjectCounts: Sendable {
    private let store: any ObjectStore
    private let old: GaugeFamily
    private let new: GaugeFamily
    private let clock: any Clock<Duration>

    init(_ store: any ObjectStore, registry: MetricsRegistry, clock: any Clock<Duration> = ContinuousClock()) {
        self.store = store
        self.clock = clock
        old = registry.gauges(
            "apiserver_storage_objects", "Objects stored when last counted, every 30 seconds.", labels: ["resource"])
        new = registry.gauges(
            "apiserver_resource_objects", "Objects stored when last counted, every 30 seconds.",
            labels: ["group", "resource"])
    }

    /// Counts every 30 seconds until its task is cancelled; -1 says that it couldn't be counted.
    func run() async {
        while !Task.isCancelled {
            await count()
            do { try await clock.sleep(for: .seconds(30)) } catch { return }
        }
    }

    func count() async {
        for resource in [ProfilesGroup.profiles, ProfilesGroup.captures] {
            var count = -1.0
            if let page = try? await store.page(ObjectQuery(resource: resource, limit: 1)) {
                count = Double(page.items.count + (page.remaining ?? 0))
            }
            let group = ProfilesGroup.groupVersion.group
            old.with("\(resource).\(group)").set(count)
            new.with(group, resource).set(count)
        }
    }
}
