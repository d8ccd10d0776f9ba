/// Gives `body` a resource, which is ended when it is done, well or badly.
public func using<Resource, Result>(
    _ resource: Resource, endedBy end: (Resource) async -> Void, _ body: (Resource) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(resource)
        await end(resource)
        return result
    } catch {
        await end(resource)
        throw error
    }
}
