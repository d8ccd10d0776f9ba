public import APIMachinery

/// Asks for what a service's objects tell of moments, the newest first: as many of them as are taken, and no more is read.
///
/// In the time stand objects with the field `spec.service` whose JSON has a moment in `spec.createdAt` (RFC 3339), right behind
/// the metadata. Others aren't found.
public struct TimelineQuery: Sendable {
    /// The plural resource name.
    public var resource: String
    /// Only this namespace.
    public var namespace: String
    /// Only objects with this value of the field `spec.service`.
    public var service: String
    /// Only objects with this value of the field `spec.type`; nil for all.
    public var type: String?
    /// Between these moments: both ends count, to the nanosecond.
    public var range: ClosedRange<Timestamp>
    /// Only what comes behind: the last place of the page before.
    public var after: TimelinePlace?
    /// At most so many objects; 0 or less for all of them.
    public var limit: Int

    /// A query of its parts.
    public init(
        resource: String, namespace: String, service: String, type: String? = nil,
        range: ClosedRange<Timestamp> = Timestamp.earliest...Timestamp.latest, after: TimelinePlace? = nil,
        limit: Int = 0
    ) {
        self.resource = resource
        self.namespace = namespace
        self.service = service
        self.type = type
        self.range = range
        self.after = after
        self.limit = limit
    }
}

/// A place in the time of a namespace: later moments come first, of equal ones the name that is greater by its bytes.
public struct TimelinePlace: Sendable, Hashable {
    /// When it was.
    public var moment: Timestamp
    /// The object's name.
    public var name: String

    /// A place of its parts.
    public init(_ moment: Timestamp, _ name: String) {
        self.moment = moment
        self.name = name
    }
}

/// What a timeline has of an object.
public struct TimelineItem: Sendable, Hashable {
    /// The moment of `spec.createdAt`, and the name.
    public var place: TimelinePlace
    /// The object's JSON from behind its metadata on: `,"spec":{…},…}`.
    public var members: [UInt8]

    /// An item of its parts.
    public init(_ place: TimelinePlace, members: [UInt8]) {
        self.place = place
        self.members = members
    }
}

/// One page of a timeline.
public struct TimelinePage: Sendable {
    /// The newest first.
    public var items: [TimelineItem]
    /// Whether more follow.
    public var more: Bool

    /// A page of its parts.
    public init(items: [TimelineItem], more: Bool) {
        self.items = items
        self.more = more
    }
}
