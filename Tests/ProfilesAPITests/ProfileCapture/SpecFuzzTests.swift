import APIMachinery
import ProfileCapture
import Testing

@testable import ProfilesAPI

/// What libFuzzer would call: every reader of ours that takes what clients send, or what a damaged store gives back.
func fuzzAPIParsers(_ bytes: [UInt8]) {
    var errors = FieldErrorList()
    let labels = UploadLabels.parse([String(decoding: bytes, as: UTF8.self)], &errors)
    precondition(!errors.isEmpty || labels.count <= ProfileLabels.limit)
    guard let value = try? JSONValue.parse(bytes) else { return }
    // What we wrote ourselves is read and written again unchanged.
    let once = rewritten(CaptureStatus(json: value["status"] ?? value))
    precondition(rewritten(once).progress == once.progress)
    let checked = CaptureSchema.schema.check(value, path: .root)
    guard checked.errors.isEmpty else { return }
    var reader = CaptureSpecReader(checked.value["spec"] ?? .null)
    precondition((reader.read() == nil) != reader.errors.isEmpty)
}

private func rewritten(_ status: CaptureStatus) -> CaptureStatus {
    var writer = JSONWriter()
    writer.object { status.encode(into: &$0, generation: 1) }
    return CaptureStatus(json: (try? JSONValue.parse(writer.bytes)) ?? .null)
}

struct SpecFuzzTests {
    private static let seeds = [
        #"{"spec":{"target":{"podName":"web-1"},"types":["cpu"],"duration":"30s","retry":{"limit":1,"backoff":"5s"}}}"#,
        #"{"spec":{"target":{"selector":{"matchExpressions":[{"key":"a","operator":"In","values":["b"]}]}},"maxPods":3}}"#,
        #"{"spec":{"target":{"podName":"a"},"endpoint":{"port":6060,"path":"/x","scheme":"HTTP"},"profileLabels":{"a":"b"}}}"#,
        #"{"status":{"phase":"Running","startTime":"2026-01-01T00:00:00Z","targets":{"selected":1},"results":[{"pod":"a","type":"cpu"}]}}"#,
        "a=b,c=d", #"{"spec":{"activeDeadlineSeconds":9223372036854775807,"ttlSecondsAfterFinished":-1}}"#,
    ]
    private static let pieces = [
        "9223372036854775808", "-1", "1e400", "null", "\"\"", "{}", "[]", "\"-9999999h\"", "\"\\u0000\"", ",", "=",
        "\"a\":", "0.5",
    ]

    @Test func mutationsNeverTrap() {
        var random = SeededRandom(state: 42)
        for round in 0..<3000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let from = Int.random(in: 0...bytes.count, using: &random)
                let to = Int.random(in: from...min(bytes.count, from + 12), using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes.replaceSubrange(
                        from..<to, with: Array((Self.pieces.randomElement(using: &random) ?? "").utf8))
                case 1: bytes.removeSubrange(from..<to)
                default: bytes.insert(.random(in: .min ... .max, using: &random), at: from)
                }
            }
            fuzzAPIParsers(bytes)
        }
    }
}

/// SplitMix64: the same numbers at every run.
private struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
