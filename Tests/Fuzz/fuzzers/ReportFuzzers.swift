import Pprof
import ProfileReport
import TestSupport

/// Every report of whatever the decoder takes: nothing traps, and a refusal is one of those that are told.
let reportFuzzers: [Fuzzer] = [
    Fuzzer("reports", seeds: ProfileShape.allCases.map(\.bytes), pieces: [[0], [1], [0x7f], [0xff], [0x80, 1]]) {
        bytes in
        var limits = DecodeLimits()
        limits.unpackedBytes = 1 << 20
        limits.columnBytes = 4 << 20
        guard let profile = try? ProfileDecoder(limits: limits).decode(bytes) else { return true }
        return reportsHold(profile)
    }
]

@Sendable func reportsHold(_ profile: ValidatedProfile) -> Bool {
    var options = ReportOptions()
    options.maxBytes = 4 << 20
    options.treeBytes = 4 << 20
    options.maxNodes = 100
    for granularity in Granularity.allCases {
        options.granularity = granularity
        options.nodeCount = granularity == .lines ? 3 : 0
        do throws(ReportError) {
            _ = try TopReport(profile, options).text
            let graph = try FlameGraph(profile, options)
            let svg = try graph.svg(title: "<fuzzed>")
            guard svg.hasSuffix("</svg>\n"), !svg.contains("<fuzzed>") else { return false }
            _ = try graph.json()
            _ = try FoldedStacks(profile, options).text
            _ = try DotGraph(profile, options).text
            _ = try SpeedscopeFile(profile, options, name: "fuzzed").text
        } catch {
            guard error.code != .unknownSampleIndex else { return false }
        }
    }
    return true
}
