public import APIMachinery

/// What a collector is asked for: the profiles of one service and one type, taken in a range of time.
///
/// Never without a type, which S3 and GCS answer with a part of what there is; never by labels, of which badger loses rows.
public struct CollectorQuery: Sendable, Hashable, CustomStringConvertible {
    /// The service, as the collector names it.
    public var service: String
    /// The type.
    public var type: CollectorType
    /// Taken at or after this moment.
    public var from: Timestamp
    /// Taken at or before this moment.
    public var to: Timestamp
    /// At most so many: the newest on badger, the oldest on S3 and GCS, always told oldest first.
    public var limit: Int

    /// A query of its parts; times outside of the years that a collector can count (1970 to 2262) become the nearest that it can.
    public init(
        service: String, type: CollectorType, from: Timestamp = Self.earliest, to: Timestamp = Self.latest, limit: Int
    ) {
        self.service = service
        self.type = type
        self.from = min(max(from, Self.earliest), Self.latest)
        self.to = min(max(to, Self.earliest), Self.latest)
        self.limit = max(1, limit)
    }

    /// The first moment that may be asked for.
    public static let earliest = Timestamp(nanosecondsSince1970: 0)
    /// The last one: the collector counts nanoseconds in 64 bits.
    public static let latest = Timestamp(nanosecondsSince1970: .max)

    /// As in a URL.
    var parameters: String {
        "service=\(URLEscaping.escape(service))&type=\(type.name)&from=\(URLEscaping.escape(CollectorTime.text(from)))"
            + "&to=\(URLEscaping.escape(CollectorTime.text(to)))&limit=\(limit)"
    }

    /// Whether a profile is an answer to it. What is told are whole seconds: the second of a bound counts whole. S3 and GCS tell another
    /// service than they were asked for where its name has a `/`.
    func covers(_ profile: CollectorProfile) -> Bool {
        profile.type == type && profile.createdAt.seconds >= from.seconds && profile.createdAt.seconds <= to.seconds
            && (profile.service == service || profile.service == Self.keyed(service))
    }

    /// The service as S3 and GCS have it in their keys.
    private static func keyed(_ service: String) -> String {
        String(service.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "__"))
    }

    /// For logs.
    public var description: String { "\(type.name) of \(service.prefix(100)) from \(from) to \(to), at most \(limit)" }
}
