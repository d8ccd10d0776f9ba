public import ProfefeCollector

/// How a server lives beside a profefe collector that keeps its profiles.
public struct CollectorConfiguration: Sendable {
    /// The collector.
    public var client: CollectorClient
    /// How often it is asked for new profiles. Default 30 s.
    public var pollInterval = Duration.seconds(30)
    /// How long after it was taken a profile may come to the collector and be seen by the next poll; later ones are seen when their
    /// turn comes to be compared. Default 10 min.
    public var overlap = Duration.seconds(600)
    /// Profiles that are compared with the collector's beside each poll; a question counts as 25 of them. Default 10,000.
    public var comparedPerPoll = 10_000
    /// Memory for the bytes of profiles that were read. Default 32 MiB.
    public var cacheBytes = 32 << 20
    /// Where profiles without a namespace of their own are shown.
    public var unscopedNamespace = "default"
    /// Counts what happens; nil for nothing.
    public var metrics: CollectorMetrics?

    /// The defaults, for a collector.
    public init(_ client: CollectorClient) { self.client = client }
}
