internal import APIMachinery

/// Lets a read pass once the storage has reached the version the client has seen (conformance 8.1).
struct FreshnessGate: Sendable {
    let patience: Duration
    let step: Duration
    let clock: any Clock<Duration>

    init(_ configuration: HandlerConfiguration) {
        patience = configuration.freshnessPatience
        step = configuration.freshnessStep
        clock = configuration.clock
    }

    /// Returns when `storage` is at `version` or newer; 504 with cause `ResourceVersionTooLarge` when patience ends.
    func wait(for version: ResourceVersion, of storage: any RESTStorage) async throws {
        var waited = Duration.zero
        while true {
            let current = storage.currentVersion
            if current >= version { return }
            if waited >= patience { throw StatusError.tooLargeResourceVersion(version, current: current) }
            try await clock.sleep(for: step)
            waited += step
        }
    }
}
