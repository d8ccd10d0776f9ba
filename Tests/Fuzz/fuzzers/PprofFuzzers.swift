import Pprof
import TestSupport

/// The decoder, and a walk along every index of what it takes.
let pprofFuzzers: [Fuzzer] = [
    Fuzzer("pprof", seeds: [[UInt8]](), pieces: varints) { bytes in
        fuzzPprof(bytes)
        return true
    },
    Fuzzer("pprof-operations", seeds: ProfileShape.allCases.map(\.bytes), pieces: varints, holds: operationsHold),
    Fuzzer(
        "patterns", seeds: ["(?i)main\\.(a|b)+[^x]*$", "^(?P<n>\\w{1,3}?)\\b"], marks: "()[]{}|*+?^$.\\:<>=!-PQE09aw"
    ) { bytes in
        guard let pattern = try? FramePattern(String(decoding: bytes, as: UTF8.self)) else { return true }
        var budget = MatchBudget()
        budget.stepsPerMatch = 1000
        guard let profile = try? ProfileDecoder().decode(ProfileShape.hostile.bytes) else { return false }
        let filter = FrameFilter(focus: pattern, ignore: pattern, hide: pattern, show: pattern)
        return (try? profile.filtered(by: filter, budget: budget))?.samples.count != -1
    },
]

/// What is decoded can be encoded, merged, subtracted, filtered and pruned, and each result is a valid profile again.
@Sendable func operationsHold(_ bytes: [UInt8]) -> Bool {
    var limits = DecodeLimits()
    limits.unpackedBytes = 1 << 20
    limits.columnBytes = 8 << 20
    let decoder = ProfileDecoder(limits: limits)
    guard let profile = try? decoder.decode(bytes) else { return true }
    guard let again = try? ProfileDecoder().decode(profile.encoded()), again.encoded() == profile.encoded() else {
        return false
    }
    do {
        var merger = ProfileMerger()
        try merger.add(profile)
        try merger.add(again)
        let focus = FrameFilter(focus: try FramePattern("a"), hide: try FramePattern("main"))
        var options = DifferenceOptions()
        options.normalize = true
        let results = [
            try merger.finish(), try profile.subtracting(again, options), try profile.filtered(by: focus),
            try profile.withoutDroppedFrames(),
        ]
        return results.allSatisfy { result in
            fuzzPprof(result.encoded())
                && (try? ProfileDecoder().decode(result.encoded()))?.samples.count == result.samples.count
        }
    } catch {
        return [.limitExceeded, .patternTooCostly].contains(error.code)
    }
}

/// Numbers at the edges of varints.
let varints: [[UInt8]] = [
    [0], [1], [0x7f], [0x80], [0xff], [UInt8](repeating: 0xff, count: 9) + [1], [0x80, 0x80, 0x80, 0x80, 0x10],
]

/// Feeds bytes to the decoder and, if they are taken, follows every index of the profile: nothing may trap.
///
/// The limits are small so that a lie about a size shows as a slow or hungry input. Returns whether the bytes were taken.
@discardableResult
func fuzzPprof(_ bytes: [UInt8]) -> Bool {
    var limits = DecodeLimits()
    limits.unpackedBytes = 8 << 20
    limits.columnBytes = 32 << 20
    let decoder = ProfileDecoder(limits: limits)
    guard let profile = try? decoder.decode(bytes) else { return false }
    var seen = 0
    for row in 0..<profile.samples.count {
        precondition(profile.samples.values(of: row).count == profile.sampleTypes.count)
        for label in profile.samples.labels(of: row) {
            seen &+= [label.key, label.text, label.unit].reduce(0) { $0 &+ profile.strings.bytes($1).count }
        }
        for location in profile.samples.stack(of: row) { seen &+= walk(location, of: profile) }
    }
    for index in profile.strings.indexes { seen &+= profile.strings[index].utf8.count }
    for mapping in profile.mappings.rows { seen &+= profile.strings.bytes(mapping.filename).count }
    return seen >= 0 || !profile.facts.sampleTypes.isEmpty
}

private func walk(_ location: LocationIndex, of profile: ValidatedProfile) -> Int {
    var seen = profile.mappings[profile.locations.mappings[Int(location.rawValue)]] == nil ? 0 : 1
    for line in profile.locations.lines(of: location) {
        let row = Int(line.function.rawValue)
        for name in [
            profile.functions.names[row], profile.functions.systemNames[row], profile.functions.filenames[row],
        ] {
            seen &+= profile.strings.bytes(name).count
        }
    }
    return seen
}
