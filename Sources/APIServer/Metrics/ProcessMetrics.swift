internal import Glibc

/// The `process_…` metrics that every Prometheus client library has, from `/proc/self` at each scrape.
public enum ProcessMetrics {
    /// Registers them.
    public static func register(in registry: MetricsRegistry) {
        let cpu = registry.sampledCounters("process_cpu_seconds_total", "Processor time used, user and system.")
        let resident = registry.gauges("process_resident_memory_bytes", "Resident memory.")
        let virtual = registry.gauges("process_virtual_memory_bytes", "Virtual memory.")
        let start = registry.gauges("process_start_time_seconds", "When the process began, Unix time.")
        let open = registry.gauges("process_open_fds", "Open file descriptors.")
        let limit = registry.gauges("process_max_fds", "How many file descriptors may be open.")
        let bootTime = Self.bootTime()
        registry.beforeExposition {
            if let stat = ProcessStat.current() {
                cpu.with().set(stat.cpuSeconds)
                resident.with().set(stat.residentBytes)
                virtual.with().set(stat.virtualBytes)
                if let bootTime { start.with().set(bootTime + stat.startSeconds) }
            }
            if let count = Self.openDescriptors() { open.with().set(Double(count)) }
            var limits = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 {
                limit.with().set(Double(limits.rlim_cur))
            }
        }
    }

    private static func bootTime() -> Double? {
        guard let file = try? SourceFile.read("/proc/stat") else { return nil }
        let text = String(decoding: file.bytes, as: UTF8.self)
        return text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without ".", ".." and the descriptor of this reading.
        return max(0, count - 3)
    }
}

/// What `/proc/self/stat` says, proc_pid_stat(5).
struct ProcessStat {
    let cpuSeconds: Double
    /// After boot.
    let startSeconds: Double
    let virtualBytes: Double
    let residentBytes: Double

    static func current() -> ProcessStat? {
        guard let file = try? SourceFile.read("/proc/self/stat") else { return nil }
        return ProcessStat(
            String(decoding: file.bytes, as: UTF8.self), ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageSize: Double(sysconf(Int32(_SC_PAGESIZE))))
    }

    /// The program's name may hold spaces and parentheses: fields are counted from behind the last `)`.
    init?(_ text: String, ticksPerSecond: Double, pageSize: Double) {
        guard let end = text.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]), let size = Double(fields[20]), let pages = Double(fields[21])
        else { return nil }
        cpuSeconds = (user + system) / ticksPerSecond
        startSeconds = start / ticksPerSecond
        virtualBytes = size
        residentBytes = pages * pageSize
    }
}
