import Pprof
import TestSupport

/// The decoder, and a walk along every index of what it takes.
let pprofFuzzers = [
    Fuzzer("pprof", seeds: [[UInt8]](), pieces: varints) { bytes in
        fuzzPprof(bytes)
        return true
    }
]

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
