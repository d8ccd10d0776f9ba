public import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// Believes the front proxy: kube-apiserver has authenticated the user and says in headers who it is (conformance 2.4).
///
/// | connection and headers | |
/// |---|---|
/// | no user header, or only empty ones | not mine, whatever the certificate |
/// | no client certificate, or no configuration yet | not mine: the headers are worth nothing |
/// | certificate not signed by the front proxy's CA for client authentication, expired, or of another CN | an error: 401 if nobody else accepts |
/// | otherwise | the user of the headers |
///
/// The user is the first value of the first header with one, the groups all values of all group headers in order, the uid like the user
/// and only if a header is configured for it. Of an extra header the key is what follows the prefix, in lower case and then
/// percent-decoded, or as it is where that fails or isn't UTF-8; values are not decoded. Names of headers match in any case.
public struct RequestHeaderAuthenticator: ImmediateAuthenticator {
    private let configuration: @Sendable () -> RequestHeaderConfiguration?
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - configuration: as it is now; nil while it isn't known.
    ///   - now: Unix seconds.
    public init(
        configuration: @escaping @Sendable () -> RequestHeaderConfiguration?, now: @escaping @Sendable () -> Int64
    ) {
        self.configuration = configuration
        self.now = now
    }

    /// Where the configuration names headers that aren't the usual ones.
    public var identityHeaders: IdentityHeaders? { configuration()?.identityHeaders }

    /// Who the front proxy says it is.
    public func identify(_ request: UnauthenticatedRequest) throws -> UserInfo? {
        guard let certificates = request.http.connection.tls?.certificates, !certificates.isEmpty,
            let configuration = configuration(),
            let user = Self.user(of: request.http.head.headers, configuration.lowercased),
            let proxy = configuration.authorities.verify(
                request.http.connection, at: now(),
                { identity throws(AuthenticationError) in
                    try Self.frontProxy(identity, configuration.allowedNames)
                })
        else { return nil }
        _ = try proxy.get()
        return user
    }

    /// Only that there is no certificate: one expires.
    public func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? {
        request.http.connection.tls?.certificates.isEmpty ?? true ? Lasting(nil) : nil
    }

    /// A verified front proxy; its own type tells what is remembered of a connection here from what others remember.
    private struct FrontProxy: Sendable {}

    private static func frontProxy(
        _ identity: CertificateIdentity, _ allowed: [String]
    ) throws(AuthenticationError) -> FrontProxy {
        guard allowed.isEmpty || allowed.contains(where: { ExactText($0) == ExactText(identity.commonName) }) else {
            throw AuthenticationError(
                .invalidCertificate,
                "the client certificate is of the front proxy's CA, but its common name \(identity.commonName.quoted) is not "
                    + "one of \(allowed.map(\.quoted).joined(separator: ", "))")
        }
        return FrontProxy()
    }

    /// Who the headers say it is; nil if they name nobody. `names` are in lower case.
    static func user(of headers: HTTPHeaders, _ names: RequestHeaderConfiguration.Names) -> UserInfo? {
        guard let name = first(headers, names.user) else { return nil }
        return UserInfo(
            name: name, uid: first(headers, names.uid) ?? "", groups: all(headers, names.group),
            extra: extra(headers, names.extraPrefix))
    }

    /// The first value of the first header whose first value isn't empty.
    private static func first(_ headers: HTTPHeaders, _ names: [String]) -> String? {
        for name in names {
            if let value = headers.first(where: { HeaderName.equal($0.name, name) })?.value, !value.isEmpty {
                return value
            }
        }
        return nil
    }

    private static func all(_ headers: HTTPHeaders, _ names: [String]) -> [String] {
        var values: [String] = []
        for name in names {
            for header in headers where HeaderName.equal(header.name, name) { values.append(header.value) }
        }
        return values
    }

    private static func extra(_ headers: HTTPHeaders, _ prefixes: [String]) -> [String: [String]] {
        var extra: [String: [String]] = [:]
        for prefix in prefixes {
            for header in headers where HeaderName.hasPrefix(header.name, prefix) {
                extra[key(header.name.utf8.dropFirst(prefix.utf8.count)), default: []].append(header.value)
            }
        }
        return extra
    }

    private static func key(_ rest: Substring.UTF8View) -> String {
        let raw = String(decoding: rest, as: UTF8.self).lowercased()
        guard raw.utf8.contains(UInt8(ascii: "%")) else { return raw }
        return PercentDecoding.decodeExactly(raw) ?? raw
    }
}
