/// What an embedded store can be told.
public struct EmbeddedStoreConfiguration: Sendable {
    /// The directory of the store's files; made (0700) if missing. One process at a time may have it.
    public var directory: String
    /// How long superseded and deleted states are kept, so that a list can go on at its first page's snapshot. Seconds.
    public var historySeconds: Int64 = 600
    /// At most so many superseded states are kept, whatever their age.
    public var historyRows: Int = 100_000
    /// The memory for recently read objects. Bytes.
    public var cacheBytes: Int = 8 << 20
    /// The memory for recent events, all resources together. Bytes.
    public var eventBytes: Int = 12 << 20
    /// At most so many recent events of one resource are remembered for watches.
    public var eventCount: Int = 20_000
    /// Watches at the pace `.gathered` that were told something are told no more for so long; what comes meanwhile goes out together.
    public var eventRest: Duration = .milliseconds(10)
    /// How many reads may run at once, each with a connection of its own.
    public var readers: Int = 3
    /// The page cache of SQLite per connection. Bytes.
    public var pageCacheBytes: Int = 2 << 20
    /// Payloads of new objects that are larger than this are kept in files of their own. Bytes.
    public var payloadFileBytes: Int = 1 << 20
    /// At most so many bytes of payload share one commit.
    public var commitBytes: Int = 32 << 20
    /// At most so many writes share one commit.
    public var commitWrites: Int = 512
    /// At open, the whole file is checked if it is no larger than this; a larger one by its header and first pages.
    public var fullCheckBytes: Int = 8 << 20
    /// How long to wait between tidying steps and between probes of a degraded store.
    public var upkeepInterval: Duration = .seconds(2)
    /// The label whose integer value `>` and `<` find by index.
    public var rangeLabel: String = "profefe.io/created-at"
    /// Which objects the store removes by itself, and what it may keep.
    public var retention = RetentionConfiguration()
    /// The free and the whole bytes of the store's file system; nil: it is asked. For tests.
    var diskReading: (@Sendable () -> DiskWatermark.Reading?)?
    /// What the store is a copy of; nil for a store of its own.
    public var mirror: MirroredSource?
    /// Unix seconds.
    public var clock: @Sendable () -> Int64

    /// The defaults, for a directory.
    public init(directory: String) {
        self.init(directory: directory, clock: SystemTime.unixSeconds)
    }

    /// The defaults, for a directory, with a clock (unix seconds).
    public init(directory: String, clock: @escaping @Sendable () -> Int64) {
        self.directory = directory
        self.clock = clock
    }
}
