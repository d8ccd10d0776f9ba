public import NIOCore

/// What answers requests.
///
/// Both functions run on the connection's event loop. They must never block: file and database work, JSON of more than some
/// 10 KB, compression and cryptography belong into a closure for ``offEventLoop(_:)`` or an actor; else PINGs and all other
/// connections of the loop wait.
public protocol HTTPHandler: Sendable {
    /// Answers `request` from memory, or says what will. Called first; makes no task, so an answer from memory costs none.
    ///
    /// A handler that doesn't write this function has every request answered by ``handle(_:_:)``.
    func begin(_ request: HTTPRequest) -> HTTPAnswer

    /// Answers `request` by `response`, exactly once. A response dropped unanswered becomes a 500.
    ///
    /// Started at once, and on the loop between suspensions (`Task.immediate` with the loop as executor): a handler that
    /// doesn't suspend costs no hop. The task is cancelled when the client resets the stream or goes away.
    func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async
}

extension HTTPHandler {
    /// Nothing from memory.
    public func begin(_ request: HTTPRequest) -> HTTPAnswer {
        .later { response in await handle(request, response) }
    }
}

/// What a handler says to a request at once.
public enum HTTPAnswer: Sendable {
    /// The whole answer, as ``ResponseWriter/send(_:body:)`` takes it.
    case whole(HTTPResponseHead, body: ByteBuffer?)
    /// What will answer, in a task of its own; as ``HTTPHandler/handle(_:_:)``.
    case later(@Sendable (consuming ResponseWriter) async -> Void)
}
