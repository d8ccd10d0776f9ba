/// How the lead is taken and kept: the times of client-go.
public struct LeaderElectionTiming: Sendable, Hashable {
    /// How long others wait after they saw the last renewal before they take the lead.
    public var leaseDuration: Duration
    /// How long the leader tries to renew before it steps down; less than ``leaseDuration``.
    public var renewDeadline: Duration
    /// Between two tries; by chance up to 2.2 times that for those that wait.
    public var retryPeriod: Duration

    /// Makes timing; the defaults are 15 s, 10 s and 2 s.
    public init(
        leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
        retryPeriod: Duration = .seconds(2)
    ) {
        self.leaseDuration = leaseDuration
        self.renewDeadline = renewDeadline
        self.retryPeriod = retryPeriod
    }
}

/// A Lease (coordination.k8s.io/v1) and who would hold it.
public struct LeaderElectionLease: Sendable, Hashable {
    /// Its namespace.
    public var namespace: String
    /// Its name.
    public var name: String
    /// Who we are: different for every process, such as the pod's name and a UUID.
    public var identity: String

    /// A lease of its parts.
    public init(namespace: String, name: String, identity: String) {
        self.namespace = namespace
        self.name = name
        self.identity = identity
    }
}
