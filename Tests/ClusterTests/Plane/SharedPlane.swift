import TestSupport

/// The control plane of this test process: made with its first use, ended with the process.
///
/// Starting one costs seconds, and its users are told apart by namespaces; tests that freeze or kill it start their own.
actor SharedPlane {
    static let plane = SharedPlane()
    private var starting: Task<ControlPlane, any Error>?

    /// The plane, started by the first caller.
    func get() async throws -> ControlPlane {
        if let starting { return try await starting.value }
        let task = Task { try await ControlPlane.start() }
        starting = task
        return try await task.value
    }
}
