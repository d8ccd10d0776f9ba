internal import APIMachinery
internal import Digests
internal import HTTPTransport

/// A serving certificate with its key, PEM.
struct ServingCertificatePair: Sendable, Equatable {
    var certificate: [UInt8]
    var key: [UInt8]
}

/// The Secret in which all replicas find the serving certificate and the authority that signed it.
///
/// | key | |
/// |---|---|
/// | `ca.crt` | PEM: the authorities that clients are to trust, oldest first; the last one signs |
/// | `ca.key` | PEM: the key of the last one |
/// | `tls.crt`, `tls.key` | PEM: the serving certificate, signed by one of them |
///
/// The names are those of type `kubernetes.io/tls`, with `ca.key` beside.
struct ServingCertificateSecret: Sendable, Equatable {
    /// The authorities, oldest first: a PEM text each, one or two of them.
    var authorities: [[UInt8]]
    var authorityKey: [UInt8]
    var certificate: [UInt8]
    var key: [UInt8]

    /// What is served.
    var pair: ServingCertificatePair { ServingCertificatePair(certificate: certificate, key: key) }

    /// What `caBundle` must hold so that whichever certificate a replica still serves is trusted.
    var bundle: [UInt8] { Array(authorities.joined()) }

    /// Reads `data` of a Secret; nil if a key is missing, or isn't base64 of PEM.
    init?(_ secret: JSONValue) {
        func text(_ name: String) -> [UInt8]? {
            secret["data"]?[name]?.stringValue.flatMap { Base64.decode($0) }
        }
        guard let bundle = text("ca.crt"), let authorityKey = text("ca.key"), let certificate = text("tls.crt"),
            let key = text("tls.key")
        else { return nil }
        authorities = Self.split(bundle)
        guard !authorities.isEmpty else { return nil }
        self.authorityKey = authorityKey
        self.certificate = certificate
        self.key = key
    }

    /// A Secret of its parts.
    init(authorities: [[UInt8]], authorityKey: [UInt8], certificate: [UInt8], key: [UInt8]) {
        self.authorities = authorities
        self.authorityKey = authorityKey
        self.certificate = certificate
        self.key = key
    }

    /// `data` of the Secret.
    var data: JSONValue {
        .object(
            JSONObject([
                ("ca.crt", .string(Base64.encode(bundle))), ("ca.key", .string(Base64.encode(authorityKey))),
                ("tls.crt", .string(Base64.encode(certificate))), ("tls.key", .string(Base64.encode(key))),
            ]))
    }

    private static let end = Array("-----END CERTIFICATE-----".utf8)

    /// The certificates of a bundle, each with its last line.
    static func split(_ bundle: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var current: [UInt8] = []
        for line in bundle.split(separator: 0x0A) {
            current += line + [0x0A]
            guard line.elementsEqual(end) else { continue }
            found.append(current)
            current = []
        }
        return found
    }
}
