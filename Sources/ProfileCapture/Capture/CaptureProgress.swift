public import APIMachinery
public import ProfileStore

/// How far a capture is: what `status` of a ProfileCapture shows.
public struct CaptureProgress: Sendable, Equatable {
    /// The life of a capture. `succeeded`, `failed` and `cancelled` are final.
    public enum Phase: String, Sendable, Equatable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
        case cancelled = "Cancelled"

        /// Whether nothing more will happen.
        public var isFinal: Bool { self != .pending && self != .running }
    }

    /// What became of one profile of one pod.
    public struct Result: Sendable, Equatable {
        /// The pod's name; empty if no pod was found.
        public var pod: String
        /// The pod's uid, where a pod was found; not part of the status.
        public var podUID = ""
        /// The container, where known.
        public var container = ""
        /// nil for a pod that was refused as a whole.
        public var type: ProfileType?
        /// The name of the Profile; nil if there is none.
        public var profile: String?
        /// Bytes as received.
        public var bytes = 0
        /// The profile's own duration in nanoseconds; 0 if it states none.
        public var durationNanos: Int64 = 0
        /// How often it was tried.
        public var attempts = 0
        /// Why there is no profile.
        public var error: CaptureError?

        /// A result of `pod`.
        public init(pod: String, type: ProfileType? = nil) {
            self.pod = pod
            self.type = type
        }
    }

    /// At most so many results are kept.
    public static let maximumResults = 256

    /// Where the capture is.
    public var phase = Phase.pending
    /// When it began to run.
    public var startTime: Timestamp?
    /// When it ended.
    public var completionTime: Timestamp?
    /// Pods that the target names.
    public var selected = 0
    /// Pods whose turn came, or that were refused; in the end ``succeeded`` and ``failed`` together.
    public var attempted = 0
    /// Pods with every type taken.
    public var succeeded = 0
    /// Pods with at least one type missing.
    public var failed = 0
    /// Pods left out because of `maxPods`.
    public var skipped = 0
    /// Profiles stored.
    public var profileCount = 0
    /// Bytes stored.
    public var bytes = 0
    /// In the order in which they ended.
    public var results: [Result] = []
    /// Whether results were left out.
    public var truncated = false

    /// A capture that has not begun.
    public init() {}

    /// A capture that goes on after a restart: what it already has counts.
    init(resuming earlier: [Result]) {
        for result in earlier where result.profile != nil { add(result) }
    }

    /// Notes that nothing of `pod` can be taken.
    mutating func refuse(_ pod: String, uid: String, _ error: CaptureError) {
        var result = Result(pod: pod)
        result.podUID = uid
        result.error = error
        add(result)
        attempted += 1
        failed += 1
    }

    /// Notes what became of one profile.
    public mutating func add(_ result: Result) {
        if result.profile != nil {
            profileCount += 1
            bytes += result.bytes
        }
        guard results.count < Self.maximumResults else {
            truncated = true
            return
        }
        results.append(result)
    }

    /// One line for people: why there is less than was asked for.
    public var failureSummary: String {
        let failures = results.compactMap(\.error)
        guard let first = failures.first else { return "" }
        return failures.count == 1 ? first.description : "\(first) (and \(failures.count - 1) more)"
    }
}
