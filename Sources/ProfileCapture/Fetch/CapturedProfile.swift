public import APIMachinery
public import Pprof
public import ProfileStore

/// A profile that was fetched and checked, on its way into the store.
public struct CapturedProfile: Sendable {
    /// Where it came from.
    public var target: CaptureTarget
    /// Its kind.
    public var type: ProfileType
    /// As received, gzipped or not.
    public var bytes: [UInt8]
    /// What the bytes say of themselves; nil for a trace.
    public var facts: ProfileFacts?
    /// The capture that asked for it.
    public var capture: ObjectKey
    /// Its uid: a later capture of the same name is another one.
    public var captureUID: String
    /// Who asked for the capture.
    public var requester: UserInfo
    /// The capture's `profileLabels`.
    public var labels: [(key: String, value: String)]
}

/// Keeps what a capture fetched.
public protocol ProfileSink: Sendable {
    /// Stores the profile; returns only when it is durable.
    ///
    /// - Returns: the name of the Profile object.
    /// - Throws: ``CaptureError`` `storeUnavailable`.
    func store(_ profile: CapturedProfile) async throws(CaptureError) -> String
}
