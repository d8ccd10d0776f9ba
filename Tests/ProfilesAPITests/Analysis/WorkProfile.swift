import Pprof

/// CPU profiles of one function, without a time of their own: each value makes another, so that nobody's bytes stand for another's.
enum WorkProfile {
    static func bytes(_ value: Int64) -> [UInt8] {
        var builder = ProfileBuilder()
        builder.addSampleType("cpu", unit: "nanoseconds")
        let work = builder.location(lines: [.init(function: builder.function("main.work"))])
        builder.addSample(stack: [work], values: [value])
        return builder.encoded()
    }
}
