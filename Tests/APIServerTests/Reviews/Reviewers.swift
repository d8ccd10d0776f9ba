import KubeClient
import NIOConcurrencyHelpers

/// Answers reviews by a function and keeps what it was asked.
final class RecordingReviewer: TokenReviewer, SubjectAccessReviewer, Sendable {
    typealias TokenAnswer = @Sendable (String) async throws(KubeClientError) -> TokenReviewVerdict
    typealias AccessAnswer = @Sendable (AccessReviewSpec) async throws(KubeClientError) -> AccessReviewVerdict

    private let tokenAnswer: NIOLockedValueBox<TokenAnswer>
    private let accessAnswer: NIOLockedValueBox<AccessAnswer>
    private let asked = NIOLockedValueBox<(tokens: [String], audiences: [[String]], specs: [AccessReviewSpec])>(
        ([], [], []))

    init(
        token: @escaping TokenAnswer = { _ throws(KubeClientError) in .notAuthenticated(error: "") },
        access: @escaping AccessAnswer = { _ throws(KubeClientError) in AccessReviewVerdict(allowed: false) }
    ) {
        tokenAnswer = NIOLockedValueBox(token)
        accessAnswer = NIOLockedValueBox(access)
    }

    var tokens: [String] { asked.withLockedValue { $0.tokens } }
    var audiences: [[String]] { asked.withLockedValue { $0.audiences } }
    var specs: [AccessReviewSpec] { asked.withLockedValue { $0.specs } }

    func answerTokens(_ answer: @escaping TokenAnswer) { tokenAnswer.withLockedValue { $0 = answer } }
    func answerAccess(_ answer: @escaping AccessAnswer) { accessAnswer.withLockedValue { $0 = answer } }

    func review(token: String, audiences: [String]) async throws(KubeClientError) -> TokenReviewVerdict {
        asked.withLockedValue {
            $0.tokens.append(token)
            $0.audiences.append(audiences)
        }
        return try await tokenAnswer.withLockedValue { $0 }(token)
    }

    func review(_ spec: AccessReviewSpec) async throws(KubeClientError) -> AccessReviewVerdict {
        asked.withLockedValue { $0.specs.append(spec) }
        return try await accessAnswer.withLockedValue { $0 }(spec)
    }
}
