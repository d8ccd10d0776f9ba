internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import ProfileStore

/// `profilecaptures/download`: a tar of the capture's profiles as they were received, `cpu-<name>.pb.gz` and so on, oldest first;
/// `type=` chooses.
///
/// The archive is made while it is sent: a few pieces of one profile are in memory, however many there are. A profile that is deleted
/// meanwhile aborts the stream: an archive that ends is whole.
struct CaptureDownload: Connector {
    let profiles: StoredProfiles
    let subresource = SubresourceDescription(
        name: "download", kind: ProfilesGroup.groupVersion.kind(ProfilesGroup.captureKind), verbs: ["get"])

    /// A profile that goes into the archive.
    private struct Item: Sendable {
        let key: ObjectKey
        let type: String
        let size: Int
        let time: Int64

        init(_ stored: StoredObject) {
            key = stored.key
            type = stored.fields["spec.type"] ?? ""
            size = stored.size
            time = stored.object.createdAt
        }

        func entry(_ suffix: String) -> TarEntry {
            TarEntry(name: "\(type)-\(key.name)\(suffix)", size: size, time: time)
        }
    }

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        profiles.warn(request)
        let capture = try await profiles.object(ProfilesGroup.captures, key)
        let items = try await items(of: capture, AnalysisQuery(request.query))
        guard let item = items.first else {
            throw profiles.absence(.badRequest("capture \(key.name) has no such profiles; see its status"))
        }
        // Before the answer begins: what can't be read now is told by its status.
        let first = try await open(item)
        let length = items.reduce(TarEntry.end.count) { $0 + $1.entry("").length }
        let headers: HTTPHeaders = [
            "content-type": "application/x-tar", "cache-control": "no-cache, private",
            "x-content-type-options": "nosniff", "content-length": String(length),
            "content-disposition": "attachment; filename=\"\(key.name).tar\"",
        ]
        return APIResponse(status: .ok, headers: headers, body: .stream { try await send(items, first, to: $0) })
    }

    private func items(of capture: StoredObject, _ query: AnalysisQuery) async throws(StatusError) -> [Item] {
        var fields = [FieldSelector.Requirement(ProfileRecord.sourceUIDField, .equals, capture.uid)]
        if let type = try query.choice("type", ProfileType.allCases) {
            fields.append(FieldSelector.Requirement("spec.type", .equals, type.rawValue))
        }
        var items: [Item] = []
        try await profiles.forEach(capture.key.namespace, fields) { items.append(Item($0)) }
        return items.sorted { ($0.time, $0.key.name) < ($1.time, $1.key.name) }
    }

    private func open(_ item: Item) async throws(StatusError) -> StoredPayload {
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        return try await StoreFailure(resource, name: item.key.name).during { () throws(StoreError) in
            guard let payload = try await StoredPayload(of: item.key, in: profiles.store) else {
                throw StoreError(.unavailable, "profile \(item.key) was deleted while its capture was sent")
            }
            return payload
        }
    }

    private func send(
        _ items: [Item], _ first: StoredPayload, to writer: borrowing ResponseBodyWriter
    ) async throws {
        for (number, item) in items.enumerated() {
            let payload = number == 0 ? first : try await open(item)
            let entry = item.entry(payload.suffix(item.type))
            try await writer.write(ByteBuffer(bytes: entry.header))
            try await payload.send(of: item.size, to: writer)
            if entry.padding > 0 { try await writer.write(ByteBuffer(repeating: 0, count: entry.padding)) }
        }
        try await writer.write(ByteBuffer(bytes: TarEntry.end))
    }
}
