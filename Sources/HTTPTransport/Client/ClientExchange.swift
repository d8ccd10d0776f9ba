import NIOConcurrencyHelpers
import NIOCore

/// One request and its response: what the caller waits for, and what the connection delivers to.
///
/// Every function may be called from any thread. The head is delivered once, then the body through ``pipe``; the first failure ends both
/// and closes the connection.
final class ClientExchange: Sendable {
    private struct State {
        var head: Result<ClientExchangeHead, TransportError>?
        var waiter: CheckedContinuation<Result<ClientExchangeHead, TransportError>, Never>?
        var connection: (any ClientConnection)?
        var deadline: Scheduled<Void>?
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
    func head() async throws(TransportError) -> ClientExchangeHead {
        let result = await withTaskCancellationHandler {
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
        return try result.get()
    }

    /// The time for the whole exchange begins; `remaining` is what is left of it.
    func limit(to remaining: TimeAmount, on eventLoop: any EventLoop) {
        let deadline = eventLoop.scheduleTask(in: remaining) { self.timedOut(.total) }
        let ended = state.withLockedValue { state in
            if !state.ended { state.deadline = deadline }
            return state.ended
        }
        if ended { deadline.cancel() }
    }

    /// A phase took too long.
    func timedOut(_ phase: ClientDeadlines.Phase) {
        fail(TransportError(.timedOut, "\(phase.rawValue) took longer than \(deadlines[phase])"))
    }

    // MARK: the connection's side

    /// A connection takes the exchange over; false if it has failed meanwhile.
    func attach(_ connection: any ClientConnection) -> Bool {
        source.connection.withLockedValue { $0 = connection }
        return state.withLockedValue { state in
            guard !state.ended else { return false }
            state.connection = connection
            return true
        }
    }

    /// The head came.
    func receive(_ head: ClientExchangeHead) {
        let waiter = state.withLockedValue {
            state -> CheckedContinuation<Result<ClientExchangeHead, TransportError>, Never>? in
            guard state.head == nil else { return nil }
            state.head = .success(head)
            return state.waiter.take()
        }
        waiter?.resume(returning: .success(head))
    }

    /// The response is whole: the connection is no longer ours, and no deadline counts.
    func detach() { end() }

    /// It won't be whole. Closes the connection.
    func fail(_ error: TransportError) {
        let connection = end()
        let waiter = state.withLockedValue {
            state -> CheckedContinuation<Result<ClientExchangeHead, TransportError>, Never>? in
            if state.head == nil { state.head = .failure(error) }
            return state.waiter.take()
        }
        pipe.fail(error)
        waiter?.resume(returning: .failure(error))
        connection?.close()
    }

    /// Nobody will read the rest.
    func abandon() {
        let connection = end()
        pipe.abandon()
        connection?.close()
    }

    @discardableResult
    private func end() -> (any ClientConnection)? {
        source.connection.withLockedValue { $0 = nil }
        let (connection, deadline) = state.withLockedValue { state in
            state.ended = true
            return (state.connection.take(), state.deadline.take())
        }
        deadline?.cancel()
        return connection
    }
}

/// Status, fields and what is known of the length.
struct ClientExchangeHead: Sendable {
    let head: HTTPResponseHead
    let declaredLength: Int?
}

/// What an exchange asks of the connection that carries it; callable from any thread.
protocol ClientConnection: AnyObject, Sendable {
    /// The reader took bytes: read on if reading was held.
    func bodyConsumed()
    /// Close now; the exchange it carries has been told already.
    func close()
}

/// Tells the connection, while there is one, that its bytes were read.
final class ClientBodySource: RequestBodySource {
    let connection = NIOLockedValueBox<(any ClientConnection)?>(nil)

    func bodyReadingStarted() {}
    func bodyConsumed(_ bytes: Int) { connection.withLockedValue { $0 }?.bodyConsumed() }
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
