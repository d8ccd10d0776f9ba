public import APIMachinery
public import APIServer
public import ProfileStore

/// A resource in an object store whose objects can be changed: update and patch come with this protocol.
public protocol StoreBackedUpdater: StoreBackedStorage, Updater {
    /// What the store is to keep of an accepted change. Runs on the store's writer: no more than putting the object together.
    ///
    /// - Throws: `.corrupt` where the stored object can't be read.
    func draft(_ object: DecodedObject, replacing stored: StoredObject) throws(StoreError) -> ObjectDraft
}

extension StoreBackedUpdater {
    /// Carries the change out without losing anybody else's; see ``StoreUpdate``.
    public func update(
        _ key: ObjectKey, _ change: ObjectUpdate, dryRun: Bool, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        let update = StoreUpdate(store: store, resource: groupResource.resource, key: key, change: change) {
            object, stored throws(StoreError) in try self.draft(object, replacing: stored)
        }
        let failure = StoreFailure(groupResource, name: key.name)
        let object = try await failure.during { () throws(StoreError) in
            try await update.perform(dryRun: dryRun)
        }
        guard let object else { throw StatusError.notFound(groupResource, name: key.name) }
        return object
    }
}
