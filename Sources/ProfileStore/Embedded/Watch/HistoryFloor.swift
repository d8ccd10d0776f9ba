internal import APIMachinery
internal import NIOConcurrencyHelpers

/// The oldest version whose state, and behind which every event, can still be read from the file.
///
/// A copy of what the file says, so that a watch from before it is refused without a read. A reader that meets a newer floor in
/// the file trusts the file.
final class HistoryFloor: Sendable {
    private let value: NIOLockedValueBox<ResourceVersion>

    init(_ version: ResourceVersion) {
        value = NIOLockedValueBox(version)
    }

    var version: ResourceVersion { value.withLockedValue { $0 } }

    /// States that ended up to this version were forgotten.
    func rise(to version: ResourceVersion) {
        value.withLockedValue { $0 = max($0, version) }
    }

    /// Throws unless everything behind a version is kept.
    func check(_ after: ResourceVersion) throws(StoreError) {
        try Self.check(after, floor: version)
    }

    /// Throws unless a floor leaves everything behind a version.
    static func check(_ after: ResourceVersion, floor: ResourceVersion) throws(StoreError) {
        guard after >= floor else {
            throw StoreError(.snapshotExpired, "too old resource version: \(after) (\(floor))")
        }
    }
}
