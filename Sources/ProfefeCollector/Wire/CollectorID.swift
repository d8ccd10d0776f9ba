/// What a collector calls a profile.
///
/// | storage | form | made when |
/// |---|---|---|
/// | badger | the xid: `dc1b4db8di1926omun9g` | the profile came in |
/// | S3, GCS | `P0.<service>/<type number>/<xid>` and, if there are labels, `,k=v,k2=v2`, not escaped; in the service `/` is `__` | the profile was taken |
///
/// An xid (`github.com/rs/xid`) is 20 characters of `0-9a-v`, the last one `0` or `g`. Refused is everything else: a collector takes the
/// beginning of an id for the id, so what is asked for must be whole.
public struct CollectorID: Sendable, Hashable, CustomStringConvertible {
    /// The id as the collector writes it.
    public let text: String
    /// The xid in it: a profile's name in Kubernetes.
    public let xid: String

    /// Nil for what is no whole id.
    public init?(_ text: String) {
        guard let xid = Self.isXID(text.utf8) ? text : Self.xid(ofKey: text) else { return nil }
        self.text = text
        self.xid = xid
    }

    /// Whether the profile can be asked for: `+` separates ids in a path, however it is escaped.
    public var isReachable: Bool { !text.utf8.contains(UInt8(ascii: "+")) }

    /// The id as the last segment of a path; profefe decodes it twice.
    public var pathSegment: String { URLEscaping.escape(URLEscaping.escape(text)) }

    /// The id.
    public var description: String { text }

    private static let length = 20

    private static func isXID(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count == length, let last = bytes.dropFirst(length - 1).first,
            last == UInt8(ascii: "0") || last == UInt8(ascii: "g")
        else { return false }
        return bytes.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "v")).contains(byte)
        }
    }

    /// The xid in the name of an object of S3 or GCS.
    private static func xid(ofKey text: String) -> String? {
        let schema = "P0."
        guard text.utf8.starts(with: schema.utf8) else { return nil }
        let parts = text.utf8.dropFirst(schema.utf8.count)
            .split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, UInt8(String(Substring(parts[1]))) != nil else { return nil }
        let xid = parts[2].prefix { $0 != UInt8(ascii: ",") }
        return isXID(xid) ? String(Substring(xid)) : nil
    }
}

// Ids in a path.

extension CollectorID {
    /// Joins ids for a path: the collector answers with their merge.
    ///
    /// Each must be ``isReachable``. The `+` is written so that it is one after both decodings.
    public static func pathSegment(_ ids: [CollectorID]) -> String {
        ids.map(\.pathSegment).joined(separator: "+")
    }
}
