internal import ProfefeCollector
internal import ProfileStore

/// What a failure of the collector means for a store over it.
enum CollectorFailure {
    /// - Parameter what: the sentence that clients are told; the collector's address is not theirs to know.
    static func storeError(_ error: CollectorError, _ what: String) -> StoreError {
        switch error.code {
        case .configuration, .tooLarge:
            StoreError(.refusedBySource, "\(what): \(reason(error))", cause: error)
        case .refused where !error.isOutage:
            StoreError(.refusedBySource, "\(what): \(reason(error))", cause: error)
        case .cancelled: StoreError(.unavailable, "cancelled", cause: error)
        default: StoreError(.sourceUnavailable, "\(what): \(reason(error))", cause: error)
        }
    }

    private static func reason(_ error: CollectorError) -> String {
        switch error.code {
        case .unreachable: "it is not there"
        case .untrusted: "its certificate is not trusted"
        case .timeout: "it did not answer in time"
        case .garbage: "its answer makes no sense"
        case .overloaded: "too many requests wait for it"
        case .tooLarge: "its answer is larger than the limit"
        case .configuration: "its id has a \"+\", which the collector takes for a separator"
        default: "it answered \(error.status.map(String.init) ?? "\(error.code)")"
        }
    }
}
