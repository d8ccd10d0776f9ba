import Testing

@testable import ProfileCapture

/// What libFuzzer would call: every parser of texts that pods' owners write.
func fuzzCaptureParsers(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let port = PortReference(text) { precondition(PortReference(port.description) == port) }
    if ProfilingEndpoint.isLegalPath(text) {
        precondition(
            text.hasPrefix("/") && !text.contains("..") || text.split(separator: "/").allSatisfy { $0 != ".." })
        precondition(!text.utf8.contains { $0 <= 0x20 || $0 >= 0x7f })
    }
    for name in ["enable", "port", "path", "scheme", "service", "container"] {
        _ = try? PodAnnotations([PodAnnotations.prefix + name: text])
    }
    _ = try? PodManifestParser.pods(of: bytes)
}

struct CaptureParserFuzzTests {
    private static let seeds = [
        "6060", "pprof", "65536", "/debug/pprof", "/a/../b", "true", "HTTPS",
        "kind: Pod\nmetadata: {name: a, namespace: b, labels: {c: d}}\nstatus: {podIP: 10.0.0.1}\n",
        "kind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n  spec: {containers: [{name: c, ports: [{containerPort: 1}]}]}\n",
    ]

    @Test func mutationsNeverTrap() {
        var random = SeededRandom(7)
        for round in 0..<4000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where at < bytes.count: bytes[at] = .random(in: .min ... .max, using: &random)
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2: bytes.insert(contentsOf: bytes.prefix(at), at: at)
                default: bytes.insert(Array("-/.%:{}[]\0\n&*".utf8).randomElement(using: &random) ?? 0, at: at)
                }
            }
            fuzzCaptureParsers(bytes)
        }
    }
}
