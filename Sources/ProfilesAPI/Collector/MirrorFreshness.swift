internal import APIMachinery
internal import NIOConcurrencyHelpers
internal import ProfileStore

/// How new a mirror is, and what those who read it are to be told of that.
///
/// States: being read for the first time → complete as of the begin of the last poll without an error; each with or without a failure
/// of the last poll.
public final class MirrorFreshness: Sendable {
    private struct State {
        /// When the last complete poll began.
        var complete: Timestamp?
        /// The code of the last poll's error.
        var failure: String?
        /// Whether any poll has ended.
        var hasPolled = false
    }

    private let state = NIOLockedValueBox(State())
    private let now: @Sendable () -> Timestamp
    /// A complete poll older than this is told of.
    private let patience: Duration

    init(patience: Duration, now: @escaping @Sendable () -> Timestamp) {
        self.patience = patience
        self.now = now
    }

    func succeeded(_ began: Timestamp) {
        state.withLockedValue { $0 = State(complete: began, hasPolled: true) }
    }

    /// Returns whether it is news.
    func failed(_ code: String) -> Bool {
        state.withLockedValue { state in
            defer {
                state.failure = code
                state.hasPolled = true
            }
            return state.failure != code
        }
    }

    /// When the last complete poll began; nil before the first.
    var complete: Timestamp? { state.withLockedValue { $0.complete } }

    /// Since then.
    var age: Duration? { complete.map { now().since($0) } }

    /// Whether nobody knows yet whether the collector answers: not the time to take requests.
    public var isBeforeFirstPoll: Bool { state.withLockedValue { !$0.hasPolled } }

    /// What readers are told; nil if all is well.
    var caution: String? {
        let (state, now) = (state.withLockedValue { $0 }, now())
        switch (state.complete, state.failure) {
        case (nil, nil): return "the profiles of the collector are being read for the first time: some may be missing"
        case (nil, let failure?):
            return
                "the collector does not answer as it should (\(failure)): profiles are those of the last run of this server"
        case (let complete?, let failure?):
            return
                "the collector does not answer as it should (\(failure)): profiles are as of \(Self.text(complete, now))"
        case (let complete?, nil):
            return now.since(complete) > patience ? "profiles are as of \(Self.text(complete, now))" : nil
        }
    }

    /// What is answered in the place of "not found", as long as nobody knows whether it is there; nil if that is known.
    ///
    /// - Parameter what: as in "whether there is …".
    func doubt(_ what: String) -> StoreError? {
        caution.map { StoreError(.sourceUnavailable, "whether there \(what) is not known now: \($0)") }
    }

    private static func text(_ complete: Timestamp, _ now: Timestamp) -> String {
        "\(HumanDuration.age(seconds: max(0, now.seconds - complete.seconds))) ago (\(complete.wholeSeconds.rfc3339()))"
    }
}
