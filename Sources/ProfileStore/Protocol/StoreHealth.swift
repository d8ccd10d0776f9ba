/// Whether a store can be expected to accept writes.
public enum StoreHealth: Sendable, Hashable {
    /// All is well.
    case ok
    /// Reads are served as far as possible, writes fail with this error; `retryable` ones (a full disk) end by
    /// themselves, the others need a person.
    case degraded(StoreError)

    /// What is wrong, nil if nothing is.
    public var problem: StoreError? {
        guard case .degraded(let error) = self else { return nil }
        return error
    }
}
