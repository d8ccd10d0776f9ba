/// What answers requests.
///
/// `handle` is started on the connection's event loop and stays on it between suspensions (`Task.immediate` with the loop
/// as executor): a handler that doesn't suspend costs no hop. So it must never block: file and database work, JSON of more
/// than some 10 KB, compression and cryptography belong into a closure for ``offEventLoop(_:)`` or an actor; else PINGs and all
/// other connections of the loop wait. The task is cancelled when the client resets the stream or goes away.
public protocol HTTPHandler: Sendable {
    /// Answers `request` by `response`, exactly once. A response dropped unanswered becomes a 500.
    func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async
}
