import Logging
import NIOConcurrencyHelpers

/// How a list-watch fares: what is wrong now, and what of it is worth a line in the log.
final class ReflectorHealth: Sendable {
    private struct State {
        /// Nil while kube-apiserver answers.
        var failure: KubeClientError?
        /// What the log last said is wrong; nil once it said that it goes on.
        var told: KubeClientError?
    }

    private let path: String
    private let logger: Logger
    private let onFailure: @Sendable (KubeClientError) -> Void
    private let state = NIOLockedValueBox(State())

    init(path: String, logger: Logger, onFailure: @escaping @Sendable (KubeClientError) -> Void) {
        self.path = path
        self.logger = logger
        self.onFailure = onFailure
    }

    var failure: KubeClientError? { state.withLockedValue { $0.failure } }

    /// A list or watch failed. A fault is told once, not at every try.
    func failed(_ error: KubeClientError) {
        onFailure(error)
        let isNews = state.withLockedValue { state in
            state.failure = error
            // A watch that must begin anew is the course of things.
            guard error.code != .expired, state.told?.code != error.code || state.told?.status != error.status else {
                return false
            }
            state.told = error
            return true
        }
        logger.log(
            level: isNews ? .warning : .debug, "list-watch failed, it is tried again",
            metadata: ["path": "\(path)", "failure": "\(error)"])
    }

    /// A watch is open.
    func answered() { state.withLockedValue { $0.failure = nil } }

    /// A watch brought something, or ended as watches do.
    func progressed() {
        let told = state.withLockedValue { state in
            state.failure = nil
            return state.told.take()
        }
        guard let told else { return }
        logger.notice("list-watch goes on", metadata: ["path": "\(path)", "after": "\(told.code)"])
    }
}
