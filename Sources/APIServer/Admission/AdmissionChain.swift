/// Everything that has a last word on new objects, in order; the first refusal counts.
///
/// Every way by which objects come into being goes through ``creating(_:_:)``: handlers, uploads, and the server's own writers.
public struct AdmissionChain: Sendable {
    private let plugins: [any Admission]

    /// Asks in this order; none admits everything.
    public init(_ plugins: [any Admission] = []) { self.plugins = plugins }

    /// Asks everyone, then runs `create`.
    ///
    /// - Throws: the refusal, or what `create` throws.
    public func creating<Created>(
        _ attributes: AdmissionAttributes, _ create: () async throws -> Created
    ) async throws -> Created {
        var holds: [AdmissionHold] = []
        defer { for hold in holds { hold.end() } }
        for plugin in plugins {
            if let hold = try await plugin.admit(attributes) { holds.append(hold) }
        }
        return try await create()
    }
}
