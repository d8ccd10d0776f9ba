internal import Digests

/// Where the next page of a list begins: after which object, in which snapshot. Opaque to clients.
///
/// The text is unpadded base64url of `{"v":"meta.k8s.io/v1","rv":812,"start":"prod/p17\u0000"}`; an `rv` of -1 goes on
/// in the latest state, which may be inconsistent with the pages before.
public struct ContinueToken: Sendable, Hashable {
    /// The state that all pages show; nil goes on in the latest.
    public let snapshot: ResourceVersion?
    /// The last object of the page before.
    public let after: ObjectKey

    /// The longest text read, in bytes.
    public static let textLimit = 2048

    /// A token of its parts.
    public init(snapshot: ResourceVersion?, after: ObjectKey) {
        self.snapshot = snapshot
        self.after = after
    }

    /// The text for `metadata.continue`.
    public var encoded: String {
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        writer.field("v", Self.version)
        writer.key("rv")
        writer.raw(Array((snapshot?.description ?? "-1").utf8))
        writer.field("start", "\(after.namespace)/\(after.name)\0")
        writer.endObject()
        return Base64.encodeURL(writer.bytes)
    }

    /// Reads and checks the text of a request.
    ///
    /// - Throws: 400 `invalid continue token: continue key is not valid: …`. Refused are texts that are no base64url of
    ///   such JSON, another `v`, an `rv` of 0 or below -1, and a `start` that is no legal key (`..`, `a/b/c`, `%`).
    public init(parsing text: String) throws(StatusError) {
        guard text.utf8.count <= Self.textLimit, let bytes = Base64.decodeURL(text),
            let value = try? JSONValue.parse(bytes, limits: JSONLimits(depth: 4)), let object = value.objectValue
        else { throw Self.refusal("it can't be decoded") }
        guard let version = object["v"]?.stringValue, version == Self.version else {
            throw Self.refusal("server does not recognize this encoded version")
        }
        guard let start = object["start"]?.stringValue, let after = Self.key(start) else {
            throw Self.refusal("encoded start key is not valid (version \(Self.version))")
        }
        self.after = after
        switch object["rv"] {
        case .integer(-1): snapshot = nil
        case .integer(let number) where number > 0: snapshot = ResourceVersion(UInt64(number))
        case .number(let number):
            guard let version = ResourceVersion(number.literal) else { throw Self.versionRefusal }
            snapshot = version
        default: throw Self.versionRefusal
        }
    }

    private static let version = "meta.k8s.io/v1"

    private static var versionRefusal: StatusError {
        refusal("incorrect encoded start resourceVersion (version \(version))")
    }

    private static func refusal(_ why: String) -> StatusError {
        .badRequest("invalid continue token: continue key is not valid: \(why)")
    }

    /// The key in `namespace/name\0`; the namespace may be empty, neither part may be able to leave its directory.
    private static func key(_ start: String) -> ObjectKey? {
        guard start.utf8.last == 0 else { return nil }
        let parts = start.utf8.dropLast().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let namespace = String(Substring(parts[0]))
        let name = String(Substring(parts[1]))
        guard namespace.isEmpty || Names.dns1123Label(namespace).isEmpty, !name.isEmpty,
            name.utf8.count <= Names.subdomainLimit, Names.pathSegment(name).isEmpty, !name.utf8.contains(0)
        else { return nil }
        return ObjectKey(namespace: namespace, name: name)
    }
}
