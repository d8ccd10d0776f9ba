internal import APIMachinery
internal import ProfileStore

extension StoreFailure {
    /// Runs `body`; what the store throws becomes the Status that clients are told.
    func during<Result>(
        _ body: () async throws(StoreError) -> Result
    ) async throws(StatusError) -> Result {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw statusError(error)
        }
    }
}
