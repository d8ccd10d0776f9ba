internal import APIMachinery
internal import HTTPTransport

/// What kube-apiserver tells aggregated servers about its clients and its front proxy: the ConfigMap
/// `kube-system/extension-apiserver-authentication` (conformance 2.1).
///
/// | key | value | if missing or empty |
/// |---|---|---|
/// | `client-ca-file` | PEM, one or more certificates | nobody is known by a client certificate |
/// | `requestheader-client-ca-file` | the same | nobody is known by the front proxy; the other keys don't matter |
/// | `requestheader-username-headers` | JSON array of header names | refused |
/// | `requestheader-group-headers`, `-uid-headers`, `-extra-headers-prefix` | the same | not taken from headers |
/// | `requestheader-allowed-names` | JSON array of CNs | any CN |
///
/// Refused besides, as a whole: what isn't PEM or not such an array, names that can't be those of headers, and a front proxy of any name
/// below a CA that signs the certificates of ordinary clients too — each of them could then pass for everybody.
public final class ExtensionAuthentication: Sendable {
    /// The CAs of ordinary clients.
    public let clientAuthorities: ClientAuthorities?
    /// The front proxy.
    public let requestHeader: RequestHeaderConfiguration?

    static let clientCAKey = "client-ca-file"
    static let proxyCAKey = "requestheader-client-ca-file"
    static let allowedNamesKey = "requestheader-allowed-names"

    /// Reads the `data` of the ConfigMap.
    public init(_ data: [String: String]) throws(RequestHeaderFault) {
        clientAuthorities = try Self.authorities(data, Self.clientCAKey)
        guard let proxies = try Self.authorities(data, Self.proxyCAKey) else {
            requestHeader = nil
            return
        }
        let allowed = try Self.list(data, Self.allowedNamesKey)
        if allowed.isEmpty, let shared = Self.sharedCertificate(data) {
            throw RequestHeaderFault(
                field: Self.allowedNamesKey,
                message:
                    "is empty, and certificate \(shared) of \(Self.proxyCAKey) is in \(Self.clientCAKey) too: whoever has a "
                    + "client certificate could claim to be anybody. Give kube-apiserver --requestheader-allowed-names or a CA for "
                    + "the front proxy alone")
        }
        requestHeader = try RequestHeaderConfiguration(
            authorities: proxies, allowedNames: allowed,
            names: RequestHeaderConfiguration.Names(
                user: try Self.list(data, "requestheader-username-headers"),
                uid: try Self.list(data, "requestheader-uid-headers"),
                group: try Self.list(data, "requestheader-group-headers"),
                extraPrefix: try Self.list(data, "requestheader-extra-headers-prefix")))
    }

    private static func authorities(
        _ data: [String: String], _ key: String
    ) throws(RequestHeaderFault) -> ClientAuthorities? {
        guard let pem = data[key], !pem.isEmpty else { return nil }
        do throws(TransportError) {
            return try ClientAuthorities(pem: Array(pem.utf8))
        } catch {
            throw RequestHeaderFault(field: key, message: error.message)
        }
    }

    private static func list(_ data: [String: String], _ key: String) throws(RequestHeaderFault) -> [String] {
        guard let text = data[key], !text.isEmpty else { return [] }
        guard let value = try? JSONValue.parse(Array(text.utf8)), let elements = value.arrayValue else {
            throw RequestHeaderFault(field: key, message: "\(String(text.prefix(100)).quoted) is no JSON array")
        }
        var list: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.stringValue else {
                throw RequestHeaderFault(field: "\(key)[\(index)]", message: "is no text but \(element.typeName)")
            }
            list.append(text)
        }
        return list
    }

    /// The number, from 1, of a certificate that both bundles have.
    private static func sharedCertificate(_ data: [String: String]) -> Int? {
        let clients = Set(PEMBlocks.certificates(data[clientCAKey] ?? ""))
        let proxies = PEMBlocks.certificates(data[proxyCAKey] ?? "")
        return proxies.firstIndex(where: clients.contains).map { $0 + 1 }
    }
}

/// The certificates of a PEM text (RFC 7468), by what lies between their lines.
enum PEMBlocks {
    /// The base64 of each, without white space.
    static func certificates(_ pem: String) -> [String] {
        var blocks: [String] = []
        var current: String?
        for line in pem.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN ") {
                current = ""
            } else if line.hasPrefix("-----END ") {
                if let block = current { blocks.append(block) }
                current = nil
            } else {
                current?.append(contentsOf: line.filter { !$0.isWhitespace })
            }
        }
        return blocks
    }
}
