public import APIMachinery
import NIOHTTP1

/// One object or a collection at a time. Paths are those of the API: `/api/v1/namespaces/shop/secrets/tls`.
extension KubeClient {
    /// Reads an object, or one page of a list.
    public func get(
        _ path: String, query: [(name: String, value: String)] = [], purpose: RequestPurpose = .lookup,
        deadline: Duration = .seconds(30)
    ) async throws(KubeClientError) -> JSONValue {
        try await send(KubeRequest(path: path, query: query, purpose: purpose, deadline: deadline))
    }

    /// Creates an object in a collection; the answer is what was stored.
    ///
    /// - Throws: `.refused` with 409 and reason `AlreadyExists`, and as ``send(_:)``.
    public func create(
        _ object: JSONValue, at collection: String, purpose: RequestPurpose = .write, deadline: Duration = .seconds(30)
    ) async throws(KubeClientError) -> JSONValue {
        try await send(
            KubeRequest(method: .POST, path: collection, body: object, purpose: purpose, deadline: deadline))
    }

    /// Replaces an object. Its `metadata.resourceVersion` is the precondition; without one it is replaced whatever it is now.
    ///
    /// - Throws: `.refused` with 409 and reason `Conflict`, and as ``send(_:)``.
    public func replace(
        _ object: JSONValue, at path: String, purpose: RequestPurpose = .write, deadline: Duration = .seconds(30)
    ) async throws(KubeClientError) -> JSONValue {
        try await send(KubeRequest(method: .PUT, path: path, body: object, purpose: purpose, deadline: deadline))
    }

    /// Changes members of an object (RFC 7396).
    ///
    /// - Parameter resourceVersion: the precondition; nil changes it whatever it is now.
    /// - Throws: `.refused` with 409 and reason `Conflict`, and as ``send(_:)``.
    public func mergePatch(
        _ patch: JSONObject, at path: String, resourceVersion: String? = nil, purpose: RequestPurpose = .write,
        deadline: Duration = .seconds(30)
    ) async throws(KubeClientError) -> JSONValue {
        var patch = patch
        if let resourceVersion {
            var metadata = patch["metadata"]?.objectValue ?? JSONObject()
            metadata["resourceVersion"] = .string(resourceVersion)
            patch["metadata"] = .object(metadata)
        }
        return try await send(
            KubeRequest(
                method: .PATCH, path: path, body: .object(patch), contentType: "application/merge-patch+json",
                purpose: purpose, deadline: deadline))
    }

    /// Deletes an object; the answer is a Status, or the object if finalizers hold it.
    ///
    /// - Parameters:
    ///   - uid: a precondition.
    ///   - resourceVersion: a precondition.
    /// - Throws: `.refused` with 404 if it isn't there, 409 if a precondition fails, and as ``send(_:)``.
    @discardableResult
    public func delete(
        _ path: String, uid: String? = nil, resourceVersion: String? = nil, purpose: RequestPurpose = .write,
        deadline: Duration = .seconds(30)
    ) async throws(KubeClientError) -> JSONValue {
        var preconditions = JSONObject()
        if let uid { preconditions["uid"] = .string(uid) }
        if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
        let options: JSONValue? =
            preconditions.isEmpty
            ? nil
            : ["kind": "DeleteOptions", "apiVersion": "v1", "preconditions": .object(preconditions)]
        return try await send(
            KubeRequest(method: .DELETE, path: path, body: options, purpose: purpose, deadline: deadline))
    }
}
