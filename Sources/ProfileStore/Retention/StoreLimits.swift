/// How much a store may keep. Bytes are those of profiles with what belongs to them (``StoreUsage/bytes``).
public struct StoreLimits: Sendable, Hashable {
    /// All namespaces together; nil for no limit.
    public var storeBytes: Int64?
    /// Each namespace; nil for no limit.
    public var namespaceBytes: Int64?
    /// The room on the file system that creates leave free.
    public var reserve: DiskReserve

    /// Limits of their parts; none by default.
    public init(storeBytes: Int64? = nil, namespaceBytes: Int64? = nil, reserve: DiskReserve = .bytes(0)) {
        self.storeBytes = storeBytes
        self.namespaceBytes = namespaceBytes
        self.reserve = reserve
    }
}

/// The room on the store's file system that creates leave free.
public enum DiskReserve: Sendable, Hashable {
    /// So many bytes.
    case bytes(UInt64)
    /// This part of the file system's size, 0 to 1.
    case share(Double)
    /// So many bytes, but on a small file system no more than this part of it.
    case lesser(UInt64, Double)

    /// The bytes to leave free on a file system of that size.
    func bytes(of size: UInt64) -> UInt64 {
        func part(_ share: Double) -> UInt64 { UInt64(exactly: (Double(size) * share).rounded(.down)) ?? size }
        return switch self {
        case .bytes(let bytes): bytes
        case .share(let share): part(share)
        case .lesser(let bytes, let share): min(bytes, part(share))
        }
    }
}

/// What objects occupy.
public struct StoreUsage: Sendable, Hashable {
    /// How many.
    public var objects: Int64 = 0
    /// Their payloads, their encoded form and about what their index entries take. The files also hold former states, for some minutes,
    /// and free pages.
    public var bytes: Int64 = 0
    /// The bytes of those that retention can't remove: pinned ones, and those that wait for a finalizer.
    public var heldBytes: Int64 = 0

    /// Nothing.
    public init() {}

    static func + (left: StoreUsage, right: StoreUsage) -> StoreUsage {
        var sum = left
        sum.objects += right.objects
        sum.bytes += right.bytes
        sum.heldBytes += right.heldBytes
        return sum
    }

    static func += (left: inout StoreUsage, right: StoreUsage) { left = left + right }

    static prefix func - (usage: StoreUsage) -> StoreUsage {
        var negated = StoreUsage()
        negated.objects = -usage.objects
        negated.bytes = -usage.bytes
        negated.heldBytes = -usage.heldBytes
        return negated
    }

    var isZero: Bool { self == StoreUsage() }
}
