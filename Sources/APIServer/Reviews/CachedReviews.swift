internal import KubeClient
internal import Logging
internal import NIOCore

/// Puts reviews to kube-apiserver and remembers what it answers.
///
/// Grants and refusals are remembered apart, for times of their own: a flood of what is refused doesn't displace what is in use. A
/// question that could not be answered is told to the log and not remembered. Equal questions at the same time are put once.
struct CachedReviews<Key: Hashable & Sendable, Grant: Sendable, Refusal: Error>: Sendable {
    /// What kube-apiserver says.
    typealias Answer = Result<Grant, Refusal>

    private let grants: ReviewCache<Key, Grant>
    private let refusals: ReviewCache<Key, Refusal>
    private let grantTime: TimeAmount
    private let refusalTime: TimeAmount
    private let calls = CoalescedCalls<Key, Answer>()
    private let metrics: ReviewMetrics
    private let clock: RequestClock
    private let logger: Logger
    private let complaint: Logger.Message

    /// - Parameters:
    ///   - grantTime: how long a grant is remembered; zero for not at all.
    ///   - refusalTime: how long a refusal is.
    ///   - limit: how many of each.
    ///   - complaint: what the log is told of a question that could not be answered.
    init(
        grantTime: Duration, refusalTime: Duration, limit: Int, metrics: ReviewMetrics, clock: RequestClock,
        logger: Logger, complaint: Logger.Message
    ) {
        grants = ReviewCache(limit: limit)
        refusals = ReviewCache(limit: limit)
        self.grantTime = TimeAmount(grantTime)
        self.refusalTime = TimeAmount(refusalTime)
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        self.complaint = complaint
    }

    /// What is remembered.
    func remembered(_ key: Key) -> Answer? {
        let now = clock.now()
        if let grant = grants.value(of: key, at: now) { return .success(grant) }
        return refusals.value(of: key, at: now).map { .failure($0) }
    }

    /// What is remembered, or what `ask` says.
    ///
    /// - Parameters:
    ///   - key: two questions with the same key have the same answer.
    ///   - isKept: whether the answer is remembered.
    ///   - subject: for the log: what the question is about.
    func answer(
        to key: Key, isKept: Bool = true, about subject: @autoclosure () -> Logger.Metadata = [:],
        _ ask: () async throws(KubeClientError) -> Answer
    ) async throws -> Answer {
        if let known = remembered(key) { return known }
        return try await calls.value(of: key) {
            // It may have been answered since.
            if let known = remembered(key) { return known }
            let answer: Answer
            do throws(KubeClientError) {
                answer = try await metrics.measure(ask)
            } catch {
                if error.code != .cancelled {
                    logger.warning(complaint, metadata: subject().merging(["error": "\(error)"]) { $1 })
                }
                throw error
            }
            if isKept { keep(answer, for: key) }
            return answer
        }
    }

    private func keep(_ answer: Answer, for key: Key) {
        switch answer {
        case .success(let grant): grants.insert(grant, for: key, at: clock.now(), for: grantTime)
        case .failure(let refusal): refusals.insert(refusal, for: key, at: clock.now(), for: refusalTime)
        }
    }
}
