internal import APIMachinery
internal import APIServer
internal import Glibc
internal import ProfileCapture
internal import ProfileStore
internal import ProfilesAPI

/// The metrics of what is kept and captured.
struct StoreMetrics: Sendable {
    enum Operation: String, CaseIterable { case create, get, list, update, delete }

    private let operations: CounterFamily
    private let durations: [Operation: Histogram]
    private let profiles: CounterFamily
    private let profileBytes: CounterFamily
    private let captures: CounterFamily

    init(registry: MetricsRegistry) {
        operations = registry.counters(
            "profefe_store_operations_total", "Operations of the store by their end: ok, or the code of the error.",
            labels: ["operation", "result"])
        let durations = registry.histograms(
            "profefe_store_operation_duration_seconds", "Time of an operation of the store, its wait included.",
            labels: ["operation"], buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
        self.durations = Dictionary(
            uniqueKeysWithValues: Operation.allCases.map { ($0, durations.with($0.rawValue)) })
        profiles = registry.counters("profefe_profiles_stored_total", "Profiles stored.", labels: ["type"])
        profileBytes = registry.counters(
            "profefe_profile_stored_bytes_total", "Bytes of the profiles stored, as they came.", labels: ["type"])
        captures = registry.counters(
            "profefe_captures_ended_total", "Captures that ended, by their last phase.", labels: ["phase"])
    }

    func done(_ operation: Operation, since start: ContinuousClock.Instant, _ error: StoreError?) {
        operations.with(operation.rawValue, error.map { "\($0.code)" } ?? "ok").increment()
        durations[operation]?.observe((ContinuousClock.now - start) / .seconds(1))
    }

    func created(_ draft: ObjectDraft) {
        guard draft.resource == ProfilesGroup.profiles else { return }
        let type = draft.fields["spec.type"] ?? ""
        profiles.with(type).increment()
        profileBytes.with(type).increment(by: UInt64(draft.payload?.count ?? 0))
    }

    func captureEnded(_ phase: String) { captures.with(phase).increment() }

    /// Registers what is looked up at each scrape.
    static func observe(
        _ store: DeferredStore<EmbeddedStore>, _ captures: CaptureService, directory: String,
        in registry: MetricsRegistry
    ) {
        func gauge(_ name: String, _ help: String) -> Gauge { registry.gauges(name, help).with() }
        let isOpen = gauge("profefe_store_open", "Whether the store is open (1) or not yet (0).")
        let isHealthy = gauge("profefe_store_healthy", "Whether writes can be expected to succeed (1) or not (0).")
        let bytes = gauge("profefe_store_disk_bytes", "Bytes of the files of the store.")
        let version = gauge("profefe_store_version", "The version of the last commit.")
        let waiting = gauge("profefe_store_waiting_writes", "Writes that wait for the next commit.")
        let watches = gauge("profefe_store_watches", "Watches that read the history of events.")
        let events = gauge("profefe_store_events", "Events that are remembered for watches.")
        let eventBytes = gauge("profefe_store_event_bytes", "Memory of the remembered events, about.")
        let holdings = StoreHoldings(registry)
        let running = gauge("profefe_captures_running", "Captures that run.")
        let queued = gauge("profefe_captures_queued", "Captures that wait for their turn.")
        registry.beforeExposition {
            let statistics = store.opened?.statistics
            isOpen.set(statistics == nil ? 0 : 1)
            isHealthy.set(store.health.problem == nil ? 1 : 0)
            bytes.set(Double(diskBytes(directory) + diskBytes("\(directory)/payloads")))
            version.set(Double(store.currentVersion.rawValue))
            waiting.set(Double(statistics?.waitingWrites ?? 0))
            watches.set(Double(statistics?.watches ?? 0))
            events.set(Double(statistics?.events ?? 0))
            eventBytes.set(Double(statistics?.eventBytes ?? 0))
            if let statistics { holdings.set(statistics) }
            let counts = captures.counts
            running.set(Double(counts.running))
            queued.set(Double(counts.queued))
        }
    }

    /// What the files in a directory and its `payloads` occupy; 0 if it can't be read.
    private static func diskBytes(_ directory: String) -> Int64 {
        guard let entries = opendir(directory) else { return 0 }
        defer { closedir(entries) }
        var sum: Int64 = 0
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            var info = stat()
            guard stat("\(directory)/\(name)", &info) == 0, info.st_mode & S_IFMT == S_IFREG else { continue }
            sum += Int64(info.st_blocks) * 512
        }
        return sum
    }
}
