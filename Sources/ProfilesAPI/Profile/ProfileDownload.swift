internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import ProfileStore

/// `profiles/download`: the bytes as they were received.
///
/// No `Content-Encoding`: kube-apiserver would undo it (`conformance.md` 1.4). The digest is the ETag.
struct ProfileDownload: Connector {
    let store: any ObjectStore
    let subresource: SubresourceDescription

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        let failure = StoreFailure(resource, name: key.name)
        let stored = try await failure.during { () throws(StoreError) in try await store.get(resource.resource, key) }
        guard let stored else { throw StatusError.notFound(resource, name: key.name) }
        let etag = "\"\(stored.fields[ProfileRecord.digestField] ?? "")\""
        var headers: HTTPHeaders = [
            "content-type": "application/octet-stream", "etag": etag, "cache-control": "no-cache, private",
            "content-disposition": "attachment; filename=\"\(key.name).pb.gz\"", "x-content-type-options": "nosniff",
        ]
        if request.http.head.headers[canonicalForm: "if-none-match"].contains(where: { $0 == etag || $0 == "*" }) {
            return APIResponse(status: .notModified, headers: headers, body: .bytes(ByteBuffer()))
        }
        let bytes = try await failure.during { () throws(StoreError) in try await store.payload(resource.resource, key) }
        guard let bytes else { throw StatusError.notFound(resource, name: key.name) }
        headers.replaceOrAdd(name: "content-length", value: String(bytes.count))
        return APIResponse(status: .ok, headers: headers, body: .bytes(ByteBuffer(bytes: bytes)))
    }
}
