/// Why a fixture could not do what a test needs.
public struct Trouble: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String

    /// Says what went wrong.
    public init(_ description: String) { self.description = description }
}

/// Asks again and again until it holds; a ``Trouble`` that says what did not come when `limit` is over.
public func eventually(
    _ what: String, within limit: Duration = .seconds(30), _ holds: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while try await !holds() {
        guard ContinuousClock.now < end else { throw Trouble("within \(limit) it did not come to this: \(what)") }
        try await Task.sleep(for: .milliseconds(25))
    }
}
