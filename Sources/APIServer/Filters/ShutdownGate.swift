internal import APIMachinery
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import NIOHTTP1

/// Refuses new requests with 429 and `Connection: close` while the server goes away and still listens:
/// `--shutdown-send-retry-after` (apiserver `filters/with_retry_after.go`).
///
/// States: open → refusing. Exempt, and not counted: kube-apiserver's own requests, health, metrics and discovery. Long-running
/// requests are refused like the rest but not counted: watches have an end of their own.
public final class ShutdownGate: Sendable {
    private struct State {
        var isRefusing = false
        var count = 0
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = NIOLockedValueBox(State())

    /// An open gate.
    public init() {}

    /// From now on new requests are refused.
    public func refuse() { state.withLockedValue { $0.isRefusing = true } }

    /// Returns when no counted request is being answered, or the task is cancelled. One caller at a time.
    public func whenIdle() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLockedValue { state in
                    if state.count == 0 || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.waiter.take() }?.resume()
        }
    }

    /// Lets a request in, or throws 429. Each that comes in counted (``Exchange/isCounted``) needs one ``leave()``.
    func enter(_ exchange: inout Exchange) throws(StatusError) {
        guard let info = exchange.info, !Self.isExempt(info, exchange.http.head.headers) else { return }
        let counts = !info.isLongRunning
        let isOpen = state.withLockedValue { state in
            if state.isRefusing { return false }
            if counts { state.count += 1 }
            return true
        }
        guard isOpen else {
            exchange.closesConnection = true
            throw .tooManyRequests("The apiserver is shutting down, please try again later.", retryAfter: 5)
        }
        exchange.isCounted = counts
    }

    /// A counted request was answered.
    func leave() {
        let waiter = state.withLockedValue { state in
            state.count -= 1
            return state.count == 0 ? state.waiter.take() : nil
        }
        waiter?.resume()
    }

    private static func isExempt(_ info: RequestInfo, _ headers: HTTPHeaders) -> Bool {
        if !info.isResourceRequest {
            for prefix in ["/livez", "/readyz", "/healthz", "/metrics", "/apis", "/openapi", "/version"]
            where info.path.utf8.starts(with: prefix.utf8) { return true }
        }
        return headers.first(name: "user-agent")?.utf8.starts(with: "kube-apiserver/".utf8) ?? false
    }
}
