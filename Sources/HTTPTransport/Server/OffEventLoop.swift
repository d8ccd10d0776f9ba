internal import Dispatch

/// Runs `body` on a thread of the system's pool and comes back.
///
/// For work that would keep an event loop from its other connections. A `@concurrent` function does not do in a handler: the handler's
/// task prefers its event loop as executor (SE-0417), and so does everything it calls, `withTaskExecutorPreference` included while
/// the task has not been suspended since `Task.immediate` started it (seen with Swift 6.3.1; `OffEventLoopTests` judges).
public func offEventLoop<Success: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Success
) async throws(Failure) -> Success {
    let result: Result<Success, Failure> = await withCheckedContinuation { continuation in
        pool.async {
            do throws(Failure) {
                continuation.resume(returning: .success(try body()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}

private let pool = DispatchQueue(label: "profefe.off-event-loop", attributes: .concurrent)
