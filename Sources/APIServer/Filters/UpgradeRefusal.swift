internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// Says no to whoever wants another protocol on the connection (T14, conformance 1.6).
///
/// RFC 9110 §7.8 would let a server ignore the wish. But kube-apiserver's proxy waits for a 101 or an error then: it makes a 503 of any
/// success, while an error of ours reaches the client as it is. `h2c` is ignored: who offers it goes on in HTTP/1.1.
enum UpgradeRefusal {
    static func check(_ http: HTTPRequest) throws(StatusError) {
        if http.head.version.major == 1 { try check(http.head) }
    }

    static func check(_ head: HTTPTransport.HTTPRequestHead) throws(StatusError) {
        guard head.version.major == 1, let wanted = head.headers.first(name: "upgrade"),
            head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }),
            wanted.lowercased() != "h2c"
        else { return }
        throw .badRequest(
            "nothing is served by the protocol \(wanted.prefix(64).debugDescription): ask without Upgrade")
    }
}
