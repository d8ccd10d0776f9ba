import Pprof

/// A profile under `/debug/pprof/` that is a table of counts: its name, its columns, its period, as Go's runtime writes them.
struct ProfileKind: Sendable {
    let name: String
    let columns: [(type: String, unit: String)]
    let period: (type: String, unit: String, value: Int64)
    let defaultColumn: String

    static let cpu = ProfileKind(
        name: "profile", columns: [("samples", "count"), ("cpu", "nanoseconds")],
        period: ("cpu", "nanoseconds", CPUProfiler.period.nanoseconds), defaultColumn: "")
    static let heap = memory("heap", "inuse_space")
    static let allocs = memory("allocs", "alloc_space")
    static let block = waiting("block")
    static let mutex = waiting("mutex")
    static let goroutine = counted("goroutine")
    static let threadcreate = counted("threadcreate")

    private static func memory(_ name: String, _ defaultColumn: String) -> ProfileKind {
        ProfileKind(
            name: name,
            columns: [
                ("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"),
                ("inuse_space", "bytes"),
            ],
            period: ("space", "bytes", 1), defaultColumn: defaultColumn)
    }

    private static func waiting(_ name: String) -> ProfileKind {
        ProfileKind(
            name: name, columns: [("contentions", "count"), ("delay", "nanoseconds")],
            period: ("contentions", "count", 1), defaultColumn: "")
    }

    private static func counted(_ name: String) -> ProfileKind {
        ProfileKind(name: name, columns: [(name, "count")], period: (name, "count", 1), defaultColumn: "")
    }

    /// The profile in gzip, off the event loop.
    @concurrent
    func encode(_ counts: SiteCounts, timeNanos: Int64, durationNanos: Int64) async throws(PprofError) -> [UInt8] {
        var builder = ProfileBuilder()
        builder.timeNanos = timeNanos
        builder.durationNanos = durationNanos
        builder.periodType = ValueType(type: period.type, unit: period.unit)
        builder.period = period.value
        builder.defaultSampleType = defaultColumn
        for column in columns { builder.addSampleType(column.type, unit: column.unit) }
        let program = builder.mapping(
            start: 0x40_0000, limit: 0x80_0000, filename: "/usr/bin/demo-target",
            resolution: [.functions, .filenames, .lineNumbers])
        for (stack, values) in counts.rows.sorted(by: { Self.text($0.key) < Self.text($1.key) }) {
            let locations = stack.reversed().map { frame in
                let function = builder.function(frame.function, filename: frame.file)
                return builder.location(mapping: program, lines: [.init(function: function, line: Int64(frame.line))])
            }
            builder.addSample(stack: locations, values: values)
        }
        return try builder.gzipped(level: 1)
    }

    /// The same counts give the same bytes.
    private static func text(_ stack: Stack) -> String {
        stack.map { "\($0.function):\($0.line)" }.joined(separator: ";")
    }
}
