internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import ProfileStore

/// `profiles/download`: the bytes as they were received; `profiles/proxy` and `profiles/proxy/download`: the same under a name
/// that kube-apiserver never cuts at 60 seconds (`conformance.md` 1.5).
///
/// No `Content-Encoding`: kube-apiserver would undo it (`conformance.md` 1.4). The digest is the ETag; a client that has the bytes
/// gets 304 (RFC 9110 §13.1.2, weak comparison).
struct ProfileDownload: Connector {
    let store: any ObjectStore
    let subresource: SubresourceDescription
    var takesSubpaths = false

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        let failure = StoreFailure(resource, name: key.name)
        guard ["", "download"].contains(request.info.parts.dropFirst(3).joined(separator: "/")) else {
            throw StatusError.resourceNotFound()
        }
        guard var stored = try await find(key, failure) else { throw StatusError.notFound(resource, name: key.name) }
        var payload: StoredPayload?
        if stored.fields[ProfileRecord.digestField] == nil {
            // Mirrored, and never read: what it says is known once it was.
            payload = try await open(key, failure)
            guard payload != nil, let read = try await find(key, failure) else {
                throw StatusError.notFound(resource, name: key.name)
            }
            stored = read
        }
        let fields = stored.fields
        let etag = "\"\(fields[ProfileRecord.digestField] ?? "")\""
        var headers: HTTPHeaders = [
            "content-type": "application/octet-stream", "etag": etag, "cache-control": "no-cache, private",
            "x-content-type-options": "nosniff",
        ]
        if Self.has(etag, request.http.head.headers) {
            return APIResponse(status: .notModified, headers: headers, body: .bytes(ByteBuffer()))
        }
        if payload == nil { payload = try await open(key, failure) }
        guard let payload else { throw StatusError.notFound(resource, name: key.name) }
        let name = key.name + payload.suffix(fields["spec.type"] ?? "")
        headers.add(name: "content-disposition", value: "attachment; filename=\"\(name)\"")
        let size = fields[ProfileRecord.sizeField].flatMap { Int($0) } ?? payload.first.readableBytes
        guard size > payload.first.readableBytes else {
            return APIResponse(status: .ok, headers: headers, body: .bytes(payload.first))
        }
        headers.add(name: "content-length", value: String(size))
        return APIResponse(
            status: .ok, headers: headers, body: .stream { try await payload.send(of: size, to: $0) })
    }

    private func open(_ key: ObjectKey, _ failure: StoreFailure) async throws(StatusError) -> StoredPayload? {
        try await failure.during { () throws(StoreError) in try await StoredPayload(of: key, in: store) }
    }

    private func find(_ key: ObjectKey, _ failure: StoreFailure) async throws(StatusError) -> StoredObject? {
        if let hit = store.cached(ProfilesGroup.profiles, key) { return hit }
        return try await failure.during { () throws(StoreError) in try await store.get(ProfilesGroup.profiles, key) }
    }

    /// Whether the client says that it has these bytes.
    private static func has(_ etag: String, _ headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "if-none-match"].contains { tag in
            tag == "*" || tag == etag || tag == "W/" + etag[...]
        }
    }
}
