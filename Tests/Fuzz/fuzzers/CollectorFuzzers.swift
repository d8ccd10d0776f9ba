import APIMachinery
import ProfefeCollector
import TestSupport

/// The forms of profefe's HTTP API.
let collectorFuzzers = [
    Fuzzer(
        "collector-time", seeds: ["2026-11-22T08:00:05", "2026-11-22T8:00:05,123456789", "0001-01-01T00:00:00.5"],
        marks: "-T:.,0129Zz+ ", holds: fuzzCollectorTime),
    Fuzzer(
        "collector-labels", seeds: [",from=kube-profefe,namespace=a,k=%2C%25,k=1+2", "=v, a = b ,c"],
        marks: ",=%+ 02Ffg\u{a0}", holds: fuzzCollectorLabels),
    Fuzzer(
        "collector-id", seeds: ["dc1b4db8di1926omun9g", "P0.a__b/128/dc1b4db8di1926omun9g,k=v,l=/%+"],
        marks: "P0./,=+%19gv", holds: fuzzCollectorID),
    Fuzzer(
        "collector-answer",
        seeds: [
            #"{"code":200,"body":[{"id":"x","type":"cpu","service":"a","labels":[{"key":"k","value":"v"}],"created_at":"2026-11-22T08:00:05Z"}]}"#,
            #"{"code":200,"body":{"id":"x","type":"cpu","service":"a","created_at":"2026-11-22T08:00:05Z"}}"#,
            #"{"code":200,"body":["a","b"]}"#, #"{"code":404,"error":"nothing found"}"#,
        ], marks: "{}[]\":,0null", holds: fuzzCollectorAnswer),
]

/// What is read reads as the same once it is written.
func fuzzCollectorTime(_ bytes: [UInt8]) -> Bool {
    guard let time = CollectorTime.parse(String(decoding: bytes, as: UTF8.self)) else { return true }
    return CollectorTime.parse(CollectorTime.text(time)) == time
}

/// What is read reads as the same once it is written, and is in order.
func fuzzCollectorLabels(_ bytes: [UInt8]) -> Bool {
    guard let labels = try? CollectorLabels(parameter: String(decoding: bytes, as: UTF8.self)) else { return true }
    let keys = labels.labels.map(\.key)
    return (try? CollectorLabels(parameter: labels.parameter)) == labels && labels.includes(labels)
        && zip(keys, keys.dropFirst()).allSatisfy { !$1.utf8.lexicographicallyPrecedes($0.utf8) }
}

/// An id has an xid in it, and survives the two decodings of a path.
func fuzzCollectorID(_ bytes: [UInt8]) -> Bool {
    guard let id = CollectorID(String(decoding: bytes, as: UTF8.self)) else { return true }
    let segment = id.pathSegment
    return CollectorID(id.xid)?.xid == id.xid && id.text.contains(id.xid)
        && !segment.utf8.contains(UInt8(ascii: "/")) && !segment.utf8.contains(UInt8(ascii: "+"))
        && PercentDecoding.decode(segment).flatMap { PercentDecoding.decode($0) } == id.text
}

/// What is read is whole, and reads as the same once it is written.
func fuzzCollectorAnswer(_ bytes: [UInt8]) -> Bool {
    guard let answer = try? CollectorEnvelope(bytes) else { return true }
    _ = try? answer.services()
    let profiles = (try? answer.profiles()) ?? (try? answer.profile()).map { [$0] } ?? []
    let again = CollectorEnvelope.encode { writer in
        writer.array { writer in for profile in profiles { profile.encode(into: &writer) } }
    }
    return profiles.allSatisfy { !$0.id.isEmpty && !$0.service.isEmpty }
        && (try? CollectorEnvelope(again).profiles().map(\.id)) == profiles.map(\.id)
}
