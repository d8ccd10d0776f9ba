public import APIMachinery
internal import ProfileStore

/// A capture that was accepted: what the service needs to run it.
public struct CaptureJob: Sendable {
    /// Namespace and name of the ProfileCapture.
    public var key: ObjectKey
    /// Its uid: a capture of the same name that was created later is another one.
    public var uid: String
    /// What to do.
    public var spec: CaptureSpec
    /// For whom.
    public var requester: UserInfo

    /// When it first began, if it was interrupted: its deadline counts from then.
    public var startTime: Timestamp?
    /// Profiles that it took before it was interrupted: they are not taken again.
    public var earlier: [CaptureProgress.Result]

    /// A job; `startTime` and `earlier` are those of an interrupted one.
    public init(
        key: ObjectKey, uid: String, spec: CaptureSpec, requester: UserInfo, startTime: Timestamp? = nil,
        earlier: [CaptureProgress.Result] = []
    ) {
        self.key = key
        self.uid = uid
        self.spec = spec
        self.requester = requester
        self.startTime = startTime
        self.earlier = earlier
    }

    /// Whether the profile was already taken.
    func has(_ type: ProfileType, of pod: String) -> Bool {
        earlier.contains { $0.profile != nil && $0.type == type && $0.pod == pod }
    }
}

/// Is told how a capture gets on: the writer of its status.
public protocol CaptureObserver: Sendable {
    /// `progress` is the newest; calls for one capture come one after another, the final phase last.
    ///
    /// - Returns: whether the capture goes on; false if its object is gone or was cancelled meanwhile.
    func captureChanged(_ job: CaptureJob, _ progress: CaptureProgress) async -> Bool
}
