/// Runs `body` on the global pool and comes back.
///
/// For work that would keep an event loop from its other connections. A `@concurrent` function alone is not enough in a handler: the
/// handler's task prefers its event loop as executor (SE-0417), and so does everything it calls.
public func offEventLoop<Result: Sendable, Failure: Error>(
    _ body: @Sendable () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { () async throws(Failure) -> Result in
        try await onPool(body)
    }
}

@concurrent
private func onPool<Result: Sendable, Failure: Error>(
    _ body: @Sendable () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    try await body()
}
