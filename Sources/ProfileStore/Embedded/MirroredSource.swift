/// Something elsewhere whose objects a store copies.
///
/// A copy can be lost and made again, and clients may then come with versions of the one before. So its versions begin with the time of
/// its making, in microseconds: those of any copy before are older than everything that it remembers (`.snapshotExpired`, HTTP 410).
public struct MirroredSource: Sendable, Hashable {
    /// For messages: where it is.
    public var name: String
    /// Stands for it in the file: a store with another one is of another source, and is made anew.
    public var identity: Int64
    /// The resource whose objects are copies; those of others are the store's own.
    public var resource: String

    /// A source; whatever of `parts` differs makes another one.
    public init(name: String, parts: [String], resource: String) {
        self.name = name
        self.resource = resource
        // FNV-1a, each part closed by a byte that UTF-8 doesn't have.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in Array(part.utf8) + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        identity = Int64(bitPattern: hash)
    }
}
