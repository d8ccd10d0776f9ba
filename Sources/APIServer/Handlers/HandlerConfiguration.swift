public import APIMachinery
internal import Digests

/// Times and sizes of the resource handlers, and where they take the time from.
public struct HandlerConfiguration: Sendable {
    /// How long a read waits for a resourceVersion that isn't there yet before it answers 504 (kube-apiserver: 3 s).
    public var freshnessPatience: Duration = .seconds(3)
    /// How often it looks meanwhile.
    public var freshnessStep: Duration = .milliseconds(20)
    /// How many objects an unlimited list reads at a time.
    public var pageSize = 500
    /// How many bytes of a list or a watch are gathered before they are written.
    public var chunkBytes = 256 * 1024
    /// The length of a watch whose client doesn't say: somewhere in this range, so that not all end at once.
    public var watchSeconds: ClosedRange<Int> = 1800...3600
    /// How often a watch that asked for bookmarks gets one.
    public var bookmarkPeriod: Duration = .seconds(60)
    /// How long before its end a watch gets the last bookmark.
    public var bookmarkLead: Duration = .seconds(2)
    /// Waits are measured by this clock.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// The time of day: creationTimestamps and ages.
    public var now: @Sendable () -> Timestamp = { Timestamp.now() }
    /// Makes names of a `generateName`.
    public var names = NameGenerator { RandomBytes.make($0) }
    /// What stands before every new object.
    public var creation = CreationGate.closedToUpdates
    /// Counts what watches send; nil counts nothing.
    public var watchMetrics: WatchMetrics?
    /// Ends the watches when the server is to stop.
    public var drain = DrainSignal()

    /// The defaults, which are kube-apiserver's where it has the setting.
    public init() {}
}
