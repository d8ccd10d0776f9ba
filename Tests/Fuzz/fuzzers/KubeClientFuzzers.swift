import APIMachinery
import NIOCore
import TestSupport

@testable import KubeClient

/// What comes from kubeconfigs and from kube-apiserver.
let kubeClientFuzzers = [
    Fuzzer(
        "kubeconfig",
        seeds: [
            """
            clusters:
            - name: c
              cluster: {server: "https://[fd00::1]:6443/b", certificate-authority-data: LS0tLS1CRUdJTiBYLS0tLS0K, tls-server-name: x}
            users:
            - name: u
              user: {as: bob, as-groups: [a, b], as-user-extra: {k: [v]}, tokenFile: t}
            - name: e
              user: {exec: {command: c}}
            contexts:
            - {name: x, context: {cluster: c, user: u, namespace: shop}}
            - {name: y, context: {cluster: c, user: e}}
            current-context: x
            """,
            #"{"clusters":[{"name":"c","cluster":{"server":"http://h:1","certificate-authority":"../ca"}}],"users":[{"name":"u","user":{"username":"a","password":"b","client-certificate":"c","client-key":"/d"}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}"#,
        ], marks: "{}[],:\"'-&*!|>%#\n\t0aZ/.\0\u{7f}", holds: fuzzKubeConfig),
    Fuzzer(
        "server-url", seeds: ["https://[fd00::1]:6443/base/", "http://127.0.0.1:8001", "HTTPS://h"],
        marks: ":/[]@?#.%1f ",
        holds: fuzzServerURL),
    Fuzzer(
        "watch",
        seeds: [
            "\u{10}" + #"{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"b","resourceVersion":"7"}}}"#
                + "\n"
                + #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"# + "\n",
            "\u{3f}" + #"{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"8"}}}"# + "\n"
                + #"{"type":"ERROR","object":{"code":410,"reason":"Expired","details":{"retryAfterSeconds":3}}}"#
                + "\n",
        ], marks: "{}[],:\"\\\n\r 0179eE+-.untf\0", holds: fuzzWatch),
    Fuzzer(
        "review",
        seeds: [
            #"{"status":{"authenticated":true,"user":{"username":"a","uid":"b","groups":["c"],"extra":{"d":["e"]}},"audiences":["f"]}}"#,
            #"{"status":{"allowed":true,"denied":false,"reason":"a","evaluationError":"b"}}"#,
        ], marks: "{}[],:\"truefalsn01", holds: fuzzReview),
]

/// Every context that can be used leads to a server that can be connected to, and acts as somebody named.
func fuzzKubeConfig(_ bytes: [UInt8]) -> Bool {
    guard let file = try? KubeConfigFile(parsing: bytes, path: "dir/config") else { return true }
    let names = [nil] + ((try? file.contextNames()) ?? []).map(Optional.some)
    return names.allSatisfy { name in
        guard let config = try? file.config(context: name) else { return true }
        return (1...65535).contains(config.server.port) && !config.server.host.isEmpty
            && config.impersonation?.user.isEmpty != true
            && (config.tls.clientCertificate == nil) == (config.tls.clientKey == nil)
    }
}

/// What is read can be written, and reads back as the same.
func fuzzServerURL(_ bytes: [UInt8]) -> Bool {
    guard let endpoint = KubeEndpoint(url: String(decoding: bytes, as: UTF8.self)) else { return true }
    return KubeEndpoint(url: endpoint.description) == endpoint
}

/// The first byte says how the rest is cut into pieces: the lines are those of the whole, and each is an event or an error.
func fuzzWatch(_ bytes: [UInt8]) -> Bool {
    let step = max(Int(bytes.first ?? 1) % 64, 1)
    let body = Array(bytes.dropFirst())
    var splitter = LineSplitter(limit: 1 << 20)
    var lines: [[UInt8]] = []
    for start in stride(from: 0, to: body.count, by: step) {
        guard let more = try? splitter.lines(ByteBuffer(bytes: body[start..<min(start + step, body.count)])) else {
            return false
        }
        lines += more
    }
    let whole = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map(Array.init)
    guard lines == whole.filter({ !$0.isEmpty }) else { return false }
    return lines.allSatisfy { line in
        guard let event = try? WatchEvent.decode(line, limits: JSONLimits(depth: 64)) else { return true }
        switch event {
        case .set(let object, let version), .deleted(let object, let version):
            _ = (KubeNamespace(object), KubeConfigMap(object), KubeResourceQuota(object), ObjectKey(object))
            return !version.isEmpty
        case .bookmark(let version): return !version.isEmpty
        case .expired, .failed: return true
        }
    }
}

/// Only a `true` that is one authenticates or allows, and nobody without a name is authenticated.
func fuzzReview(_ bytes: [UInt8]) -> Bool {
    guard let answer = try? JSONValue.parse(bytes, limits: JSONLimits(depth: 64)) else { return true }
    if case .authenticated(let user, let audiences)? = try? KubeTokenReviewer.verdict(answer, audiences: ["f"]) {
        guard answer["status"]?["authenticated"] == true, !user.name.isEmpty, audiences == ["f"] else { return false }
    }
    guard let verdict = try? KubeSubjectAccessReviewer.verdict(answer) else { return true }
    return verdict.allowed
        == (answer["status"]?["allowed"] == true && answer["status"]?["denied"]?.boolValue != true)
}
