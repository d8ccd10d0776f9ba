/// An object as it goes over the wire, encoded once when it is written.
///
/// A list joins `json` of many, a Table joins their `cells`, a PartialObjectMetadata is made of the `metadata` bytes:
/// reading never decodes or encodes an object again.
public struct EncodedObject: Sendable, Hashable {
    /// The byte in `cells` that stands for the age, to be filled in when a Table is made. It can't occur in JSON text.
    public static let ageMarker: UInt8 = 0

    /// The whole object as compact JSON, without a newline at its end.
    public let json: [UInt8]
    /// Where in `json` the value of `metadata` is, braces included.
    public let metadata: Range<Int>
    /// The cells of the object's Table row: JSON values, comma separated, without brackets; `ageMarker` for the age.
    public let cells: [UInt8]
    /// When the object was made, unix seconds; ages count from here.
    public let createdAt: Int64
    /// The version of the object's last write.
    public let resourceVersion: ResourceVersion

    /// An encoded object of its parts. A `metadata` range outside of `json` is cut to it.
    public init(
        json: [UInt8], metadata: Range<Int>, cells: [UInt8], createdAt: Int64, resourceVersion: ResourceVersion
    ) {
        self.json = json
        self.metadata = metadata.clamped(to: 0..<json.count)
        self.cells = cells
        self.createdAt = createdAt
        self.resourceVersion = resourceVersion
    }

    /// What of an object a form of lists and events needs besides its metadata; reading no more spares copies of thousands.
    public struct Parts: OptionSet, Sendable {
        /// The whole object. Without it, ``json`` may be the value of `metadata` alone.
        public static let json = Parts(rawValue: 1)
        /// The cells of its row. Without it, ``cells`` may be empty.
        public static let cells = Parts(rawValue: 2)
        /// Everything.
        public static let all: Parts = [.json, .cells]

        /// One bit for each.
        public let rawValue: Int

        /// A set of bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
    }

    /// The bytes of the value of `metadata`.
    public var metadataJSON: ArraySlice<UInt8> { json[metadata] }
}
