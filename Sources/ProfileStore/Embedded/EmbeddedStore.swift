public import APIMachinery
public import Logging

/// A store in one directory of this machine, over SQLite.
public final class EmbeddedStore: ObjectStore {
    /// Opens the store, making it if the directory has none.
    ///
    /// - Throws: `.locked`, `.readOnly`, `.corrupt`, `.newerSchema`, `.diskFull`, `.configuration`, `.unavailable`.
    public init(configuration: EmbeddedStoreConfiguration, logger: Logger) throws(StoreError) {
        throw Self.notBuilt
    }

    private static var notBuilt: StoreError { StoreError(.unavailable, "not yet built") }

    /// Ends all watches, finishes accepted writes, closes the files. Later calls throw `.closed`.
    public func close() async {}

    public var currentVersion: ResourceVersion { ResourceVersion(0) }
    public var health: StoreHealth { .ok }
    public func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject { throw Self.notBuilt }
    public func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? { throw Self.notBuilt }
    public func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? { nil }
    public func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage { throw Self.notBuilt }
    public func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? { throw Self.notBuilt }
    public func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? { throw Self.notBuilt }
    public func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? { throw Self.notBuilt }
    public func watch(
        _ resource: String, after version: ResourceVersion
    ) throws(StoreError) -> EventSubscription { throw Self.notBuilt }
}
