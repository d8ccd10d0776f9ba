public import APIMachinery
public import ProfileStore

/// What a failure of the store means to a client.
///
/// | code | answer |
/// |---|---|
/// | `alreadyExists` | 409 AlreadyExists |
/// | `conflict` | 409 Conflict, in the store's words |
/// | `snapshotExpired` | 410 Expired |
/// | `futureVersion` | 504 Timeout, cause ResourceVersionTooLarge |
/// | `aborted` | what the closure said, if that is a `StatusError` |
/// | `tooLarge` | 413 RequestEntityTooLarge, in the store's words |
/// | `limitExceeded` | 403 Forbidden, in the store's words: as a quota that is used up |
/// | `insufficientStorage` | 503 with Retry-After, in the store's words (HTTP's 507 is no code that Kubernetes clients know) |
/// | `sourceUnavailable` | 503 with Retry-After, in the store's words |
/// | `refusedBySource` | 400 BadRequest, in the store's words |
/// | any other | 503 with Retry-After; **never 404**: the garbage collector takes that as proof of absence |
///
/// Messages of the last kind may name files of the server, so they are logged (`cause`) and not sent.
public struct StoreFailure: Sendable {
    private let resource: GroupResource
    private let name: String

    /// Failures about a resource, or one object of it.
    public init(_ resource: GroupResource, name: String = "") {
        self.resource = resource
        self.name = name
    }

    /// The answer for a failure; `version` is the one that was asked for, `current` the store's.
    public func statusError(
        _ error: StoreError, version: ResourceVersion? = nil, current: ResourceVersion? = nil
    ) -> StatusError {
        answer(error, version, current).caused(by: error)
    }

    /// The answer where a watch couldn't begin behind `version`.
    public func watchError(_ error: StoreError, after version: ResourceVersion) -> StatusError {
        guard error.code == .snapshotExpired else { return statusError(error, version: version) }
        return StatusError.expired(error.message).caused(by: error)
    }

    private func answer(
        _ error: StoreError, _ version: ResourceVersion?, _ current: ResourceVersion?
    ) -> StatusError {
        switch error.code {
        case .alreadyExists: .alreadyExists(resource, name: name)
        case .conflict(.uid), .conflict(.resourceVersion): .conflict(resource, name: name, error.message)
        case .snapshotExpired: .listExpired()
        case .futureVersion:
            .tooLargeResourceVersion(version ?? ResourceVersion(0), current: current ?? ResourceVersion(0))
        case .aborted: (error.cause as? StatusError) ?? .internalError("the change could not be carried out")
        case .tooLarge: .requestEntityTooLarge(error.message)
        case .limitExceeded: .forbidden(resource, name: name, error.message)
        case .insufficientStorage: .serviceUnavailable(error.message, retryAfter: Self.afterDeletions)
        case .sourceUnavailable: .serviceUnavailable(error.message, retryAfter: Self.sourceReturn)
        case .refusedBySource: .badRequest(error.message)
        default: unavailable(error)
        }
    }

    private func unavailable(_ error: StoreError) -> StatusError {
        .serviceUnavailable(
            "the store can't serve \(resource) now (\(error.code))",
            retryAfter: error.code.isRetryable ? Self.soon : Self.late)
    }

    /// Seconds until it may have helped itself.
    private static let soon = 1
    /// Seconds until deletions may have made room.
    private static let afterDeletions = 10
    /// Seconds until a collector may have come back.
    private static let sourceReturn = 5
    /// Seconds until somebody may have helped.
    private static let late = 30
}
