import TestSupport

@testable import ProfileCapture

/// What pods' owners write: annotations, and the manifests of the standalone mode.
let captureFuzzers = [
    Fuzzer(
        "annotation", seeds: ["6060", "pprof", "65536", "/debug/pprof", "/a/../b", "true", "HTTPS"],
        marks: "-/.%: \0trueHTTPS09", holds: fuzzAnnotation),
    Fuzzer(
        "pod-manifest",
        seeds: [
            "kind: Pod\nmetadata: {name: a, namespace: b, labels: {c: d}}\nstatus: {podIP: 10.0.0.1}\n",
            "kind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n  spec: {containers: [{name: c, ports: [{containerPort: 1}]}]}\n",
        ], marks: "-/.%:{}[]\0\n&*", holds: fuzzPodManifest),
]

/// A legal path can't climb, nor end a header.
private func fuzzAnnotation(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    for name in ["enable", "port", "path", "scheme", "service", "container"] {
        _ = try? PodAnnotations([PodAnnotations.prefix + name: text])
    }
    if let port = PortReference(text), PortReference(port.description) != port { return false }
    guard ProfilingEndpoint.isLegalPath(text) else { return true }
    return text.hasPrefix("/") && text.split(separator: "/").allSatisfy { $0 != ".." }
        && !text.utf8.contains { $0 <= 0x20 || $0 >= 0x7f }
}

private func fuzzPodManifest(_ bytes: [UInt8]) -> Bool {
    _ = try? PodManifestParser.pods(of: bytes)
    return true
}
