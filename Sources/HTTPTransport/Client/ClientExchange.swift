import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// One request and its response: what the caller waits for, and what the connection delivers to.
///
/// Every function may be called from any thread. The head is delivered once, then the body through ``pipe``; the first failure ends both
/// and tells the carrier.
final class ClientExchange: Sendable {
    private typealias Waiter = CheckedContinuation<Result<ClientExchangeHead, TransportError>, Never>
    private struct State {
        var head: Result<ClientExchangeHead, TransportError>?
        var waiter: Waiter?
        var carrier: (any ClientCarrier)?
        var deadlines: [Scheduled<Void>] = []
        var wait: Scheduled<Void>?
        var isAttached = false
        var isOnKeptConnection = false
        var isUnprocessed = false
        var isFinal = false
        var ended = false
    }

    let message: ClientRequestMessage
    let deadlines: ClientDeadlines
    let pipe: RequestBodyPipe
    private let source: ClientBodySource
    private let state = NIOLockedValueBox(State())

    init(message: ClientRequestMessage, deadlines: ClientDeadlines) {
        self.message = message
        self.deadlines = deadlines
        source = ClientBodySource()
        pipe = RequestBodyPipe(source: source)
    }

    /// Waits for the response's head; cancelling the task fails the exchange.
    func head() async -> Result<ClientExchangeHead, TransportError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLockedValue { state -> Result<ClientExchangeHead, TransportError>? in
                    if state.head == nil { state.waiter = continuation }
                    return state.head
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            fail(TransportError(.cancelled, "the task was cancelled"))
        }
    }

    /// Whether the request may be sent once more: the server has not seen it, or it was lost on a kept connection that the server closed
    /// as it was sent (RFC 9112 §9.3.1, RFC 9113 §8.7).
    func mayBeRepeated(after error: TransportError) -> Bool {
        state.withLockedValue {
            guard !$0.isUnprocessed else { return true }
            return error.code == .connectionClosed && $0.isOnKeptConnection && !$0.isFinal && message.isRepeatable
        }
    }

    /// Nothing will come any more: the response is whole, or the exchange has failed.
    var isOver: Bool { state.withLockedValue { $0.ended } }

    // MARK: deadlines

    /// The time for the whole exchange begins; `remaining` is what is left of it.
    func limit(to remaining: TimeAmount, on eventLoop: any EventLoop) {
        let deadline = eventLoop.scheduleTask(in: remaining) { self.timedOut(.total) }
        let ended = state.withLockedValue { state in
            if !state.ended { state.deadlines.append(deadline) }
            return state.ended
        }
        if ended { deadline.cancel() }
    }

    /// A phase took too long.
    func timedOut(_ phase: ClientDeadlines.Phase) {
        fail(TransportError(.timedOut, "\(phase.rawValue) took longer than \(deadlines[phase])"))
    }

    /// Waits for a connection at `place`, which is told if the exchange fails meanwhile; the time to connect begins.
    func wait(at place: ClientWaitingPlace, on eventLoop: any EventLoop) {
        let limit = deadlines.connect
        let deadline = eventLoop.scheduleTask(in: TimeAmount(limit)) {
            self.fail(TransportError(.timedOut, place.reason(after: limit)))
        }
        let (isWaiting, isOver) = state.withLockedValue { state in
            guard !state.isAttached, !state.ended else { return (false, state.ended && !state.isAttached) }
            state.carrier = place
            state.wait = deadline
            return (true, false)
        }
        if !isWaiting { deadline.cancel() }
        if isOver { place.cancel() }
    }

    // MARK: the connection's side

    /// A connection takes the exchange over, one that has carried others if `isKept`; false if the exchange has failed meanwhile.
    func attach(_ carrier: any ClientCarrier, isKept: Bool) -> Bool {
        source.carrier.withLockedValue { $0 = carrier }
        let (isAlive, wait) = state.withLockedValue { state in
            state.isAttached = true
            guard !state.ended else { return (false, nil as Scheduled<Void>?) }
            state.carrier = carrier
            state.isOnKeptConnection = isKept
            return (true, state.wait.take())
        }
        wait?.cancel()
        return isAlive
    }

    /// The head came.
    func receive(_ head: ClientExchangeHead) {
        let waiter = state.withLockedValue { state -> Waiter? in
            guard state.head == nil else { return nil }
            state.head = .success(head)
            return state.waiter.take()
        }
        waiter?.resume(returning: .success(head))
    }

    /// The response is whole: the connection is no longer ours, and no deadline counts.
    func detach() { end() }

    /// It won't be whole. `isUnprocessed`: the server has not acted on the request. `isFinal`: it has, and will not have it again.
    func fail(_ error: TransportError, isUnprocessed: Bool = false, isFinal: Bool = false) {
        state.withLockedValue { state in
            guard !state.ended else { return }
            state.isUnprocessed = isUnprocessed
            state.isFinal = isFinal
        }
        let carrier = end()
        let waiter = state.withLockedValue { state -> Waiter? in
            if state.head == nil { state.head = .failure(error) }
            return state.waiter.take()
        }
        pipe.fail(error)
        waiter?.resume(returning: .failure(error))
        carrier?.cancel()
    }

    /// Nobody will read the rest.
    func abandon() {
        let carrier = end()
        pipe.abandon()
        carrier?.cancel()
    }

    @discardableResult
    private func end() -> (any ClientCarrier)? {
        source.carrier.withLockedValue { $0 = nil }
        let (carrier, deadlines) = state.withLockedValue { state in
            state.ended = true
            let deadlines = state.deadlines + [state.wait].compactMap(\.self)
            state.deadlines = []
            state.wait = nil
            return (state.carrier.take(), deadlines)
        }
        for deadline in deadlines { deadline.cancel() }
        return carrier
    }
}

/// Status, fields and what is known of the length.
struct ClientExchangeHead: Sendable {
    let head: HTTPResponseHead
    let version: HTTPVersion
    let declaredLength: Int?

    /// RFC 9110 §6.4.1: answers to HEAD and those with 204 and 304 have no body, whatever their length says.
    init(_ head: HTTPResponseHead, _ version: HTTPVersion, to method: HTTPMethod) {
        self.head = head
        self.version = version
        let isEmpty = method == .HEAD || head.status == .noContent || head.status == .notModified
        let isChunked = version.major < 2 && head.headers.contains(name: "transfer-encoding")
        declaredLength =
            isEmpty ? 0 : isChunked ? nil : head.headers.first(name: "content-length").flatMap(HTTPText.decimal)
    }
}

/// Tells the carrier, while there is one, that its bytes were read.
final class ClientBodySource: RequestBodySource {
    let carrier = NIOLockedValueBox<(any ClientCarrier)?>(nil)

    func bodyReadingStarted() {}
    func bodyConsumed(_ bytes: Int) { carrier.withLockedValue { $0 }?.bodyConsumed(bytes) }
}

extension ClientDeadlines {
    subscript(phase: Phase) -> Duration {
        switch phase {
        case .connect: connect
        case .head: head
        case .idle: idle
        case .total: total
        }
    }
}
