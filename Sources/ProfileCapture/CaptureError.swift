/// What can go wrong with one profile of a capture, or with a capture as a whole.
///
/// Equal by ``code``: the message is for people.
public struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, one of a closed list; its name is what `status.results[].reason` shows.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case ProfilerBusy, ConnectionRefused, NotFound, Unauthorized, Timeout, TooLarge, BadProfile, Forbidden
            case PodGone, NoPods, InvalidTarget, StoreUnavailable, ClusterUnavailable, Cancelled
        }
        private let value: Value
        /// The reason as the API prints it.
        public var description: String { value.rawValue }
        private init(_ value: Value) { self.value = value }

        /// The reason of that name, as ``description`` prints it.
        public init?(_ name: String) {
            guard let value = Value(rawValue: name) else { return nil }
            self.value = value
        }

        /// Another CPU profile or trace is being taken in that process.
        public static let profilerBusy = Code(.ProfilerBusy)
        /// Nothing listens there, or the connection broke before an answer.
        public static let connectionRefused = Code(.ConnectionRefused)
        /// The target answered 404, or with something that is no pprof endpoint.
        public static let notFound = Code(.NotFound)
        /// The target answered 401 or 403.
        public static let unauthorized = Code(.Unauthorized)
        /// The target or the capture's own deadline took too long.
        public static let timeout = Code(.Timeout)
        /// The profile is larger than the limits allow, packed or unpacked.
        public static let tooLarge = Code(.TooLarge)
        /// The answer is no valid profile.
        public static let badProfile = Code(.BadProfile)
        /// The requester may not capture this pod.
        public static let forbidden = Code(.Forbidden)
        /// The pod is not there, not running or has no address.
        public static let podGone = Code(.PodGone)
        /// The selector matches no pod that can be profiled.
        public static let noPods = Code(.NoPods)
        /// An annotation, a port name or the container of the target can't be used as it is.
        public static let invalidTarget = Code(.InvalidTarget)
        /// The profile was taken and could not be kept.
        public static let storeUnavailable = Code(.StoreUnavailable)
        /// kube-apiserver does not say which pods there are.
        public static let clusterUnavailable = Code(.ClusterUnavailable)
        /// The capture was deleted, or the server stops.
        public static let cancelled = Code(.Cancelled)
    }

    /// Why.
    public let code: Code
    /// What exactly, with values and limits.
    public let message: String

    /// An error with its reason and its text for people.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Reason and message.
    public var description: String { "\(code): \(message)" }

    /// Equal by reason.
    public static func == (a: CaptureError, b: CaptureError) -> Bool { a.code == b.code }

    /// Whether another attempt may do better: the profiler was busy, or the connection was refused.
    public var isRetryable: Bool { code == .profilerBusy || code == .connectionRefused }
}
