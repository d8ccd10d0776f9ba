internal import APIMachinery
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOHTTP1

/// What is gathered of one audited request while it runs. Written by the steps of the chain and by the handlers.
final class AuditRecord: Sendable {
    private struct State {
        var annotations: [String: String] = [:]
        var status: Status?
        var requestBody: AuditBody?
        var responseBody: AuditBody?
        var isStarted = false
    }

    let facts: AuditFacts
    private let verdict: AuditVerdict
    /// Longer bodies are not kept.
    private let bodyLimit: Int
    private let state = NIOLockedValueBox(State())

    init(_ facts: AuditFacts, _ verdict: AuditVerdict, bodyLimit: Int) {
        self.facts = facts
        self.verdict = verdict
        self.bodyLimit = bodyLimit
    }

    /// Adds an annotation; the first under a key counts, as upstream has it.
    func annotate(_ key: String, _ value: String) {
        state.withLockedValue { state in
            if state.annotations[key] == nil { state.annotations[key] = value }
        }
    }

    /// The authorizer has decided (k8s.io/apiserver `filters/authorization.go`).
    func decided(_ decision: Decision) {
        let (word, reason): (String?, String) =
            switch decision {
            case .allow(let reason): ("allow", reason)
            case .deny(let reason), .noOpinion(let reason): ("forbid", reason)
            case .failed: (nil, "internal error")
            }
        if let word { annotate("authorization.k8s.io/decision", word) }
        annotate("authorization.k8s.io/reason", reason)
    }

    /// The body of the request was read. Kept at every level: it may name the object.
    func read(_ body: @autoclosure () -> AuditBody) {
        guard facts.object != nil else { return }
        let body = body()
        keep(body) { $0.requestBody = body }
    }

    /// An endpoint has answered; the body of a list that is streamed, or of a watch, isn't kept.
    func answered(_ answer: APIResponse) {
        let status = Status(outcome: .success, code: Int(clamping: answer.status.code))
        // What is compressed was too long to be recorded before.
        guard case .bytes(let buffer) = answer.body, !answer.headers.contains(name: "content-encoding") else {
            return answered(status, nil)
        }
        answered(status, AuditBody(buffer, contentType: answer.headers.first(name: "content-type")))
    }

    /// The answer is this; `body` is nil where it is streamed.
    func answered(_ status: Status, _ body: @autoclosure () -> AuditBody?) {
        state.withLockedValue { $0.status = status }
        guard facts.level >= .requestResponse, facts.object != nil else { return }
        if let body = body() {
            keep(body) { $0.responseBody = body }
        } else {
            annotate(AuditEvent.truncatedKey, "true")
        }
    }

    private func keep(_ body: AuditBody, _ set: (inout State) -> Void) {
        if body.count <= bodyLimit {
            state.withLockedValue { set(&$0) }
        } else if facts.level >= .request {
            annotate(AuditEvent.truncatedKey, "true")
        }
    }

    /// True once.
    func start() -> Bool {
        state.withLockedValue { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
    }

    /// The event of a stage; nil if the policy omits it.
    func event(_ stage: AuditStage, at time: Timestamp) -> AuditEvent? {
        guard !verdict.omittedStages.contains(stage) else { return nil }
        let state = state.withLockedValue { $0 }
        return AuditEvent(
            facts: facts, stage: stage, stageTime: time, omitsManagedFields: verdict.omitsManagedFields,
            status: state.status, annotations: state.annotations, requestBody: state.requestBody,
            responseBody: state.responseBody)
    }
}
