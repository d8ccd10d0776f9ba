public import APIMachinery
public import ProfileStore

/// What one capture is asked to do: `spec` of a ProfileCapture, validated and with its defaults filled in.
public struct CaptureSpec: Sendable {
    /// Which pods.
    public enum Target: Sendable {
        /// One pod by name.
        case pod(String)
        /// Every pod that the selector matches.
        case selector(LabelSelector)
    }

    /// How often one profile is tried again, and after how long.
    public struct Retry: Sendable, Equatable {
        /// 0 to 10 further attempts.
        public var limit: Int
        /// The pause before the first further attempt; it doubles.
        public var backoff: Duration
        /// A retry rule.
        public init(limit: Int = 2, backoff: Duration = .seconds(5)) {
            self.limit = limit
            self.backoff = backoff
        }
    }

    /// Which pods.
    public var target: Target
    /// The container, where a port name is ambiguous.
    public var container: String?
    /// At most so many pods, ready ones first.
    public var maxPods: Int
    /// The types of one pod are taken one after another, cpu first.
    public var types: [ProfileType]
    /// Of cpu and trace, and of the others if ``delta``; whole seconds, 1 s to 5 min.
    public var duration: Duration
    /// heap, allocs, block, mutex and goroutine as the change over ``duration`` (`?seconds=`).
    public var delta: Bool
    /// Overrides the pod's annotations.
    public var endpoint: ProfilingEndpoint
    /// Pods at a time.
    public var parallelism: Int
    /// Further attempts at one profile.
    public var retry: Retry
    /// The whole capture may take so long.
    public var activeDeadline: Duration
    /// The service of the profiles; nil: annotation, workload, pod.
    public var service: String?
    /// Further labels of the profiles.
    public var profileLabels: [(key: String, value: String)]

    /// The defaults of the API where nothing is given.
    public init(
        target: Target, container: String? = nil, maxPods: Int = 10, types: [ProfileType] = [.cpu, .heap, .goroutine],
        duration: Duration = .seconds(30), delta: Bool = false, endpoint: ProfilingEndpoint = ProfilingEndpoint(),
        parallelism: Int = 5,
        retry: Retry = Retry(), activeDeadline: Duration = .seconds(600), service: String? = nil,
        profileLabels: [(key: String, value: String)] = []
    ) {
        self.target = target
        self.container = container
        self.maxPods = maxPods
        self.types = types
        self.duration = duration
        self.delta = delta
        self.endpoint = endpoint
        self.parallelism = parallelism
        self.retry = retry
        self.activeDeadline = activeDeadline
        self.service = service
        self.profileLabels = profileLabels
    }
}
