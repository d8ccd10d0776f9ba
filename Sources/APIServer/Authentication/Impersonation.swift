internal import APIMachinery
internal import NIOHTTP1

/// Requests that ask to be treated as somebody else's.
enum Impersonation {
    /// Refuses any `Impersonate-…` header with 403 (conformance 2.7, N10): acting as the caller instead would be worse, and
    /// kube-apiserver, which does it for proxied requests, has removed the headers by then.
    static func refuse(_ headers: HTTPHeaders) throws(StatusError) {
        for (name, _) in headers where isImpersonation(name) {
            throw .forbidden(
                nil, "impersonation is not supported by this server: remove the header \(name.lowercased().quoted)")
        }
    }

    private static func isImpersonation(_ name: String) -> Bool {
        let prefix = "impersonate-".utf8
        guard name.utf8.count >= prefix.count else { return false }
        return zip(name.utf8, prefix).allSatisfy { $0 | 0x20 == $1 }
    }
}
