internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import ProfileStore

/// `profileservices/series`: the totals of each profile over a time, from what the store knows of them; no body is read.
struct SeriesConnector: Connector {
    let profiles: StoredProfiles
    let gate: AnalysisGate
    let subresource: SubresourceDescription
    let now: @Sendable () -> Timestamp

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        let range = try ProfileRange(AnalysisQuery(request.query), now: now(), limits: gate.limits)
        let service = ServiceName.of(key, request.query)
        profiles.warn(request)
        return try await gate.enter {
            let choice = try await MatchingProfiles(profiles: profiles).choose(
                key.namespace, [FieldSelector.Requirement("spec.service", .equals, service)], range)
            let found = try await objects(choice.matches.map(choice.key))
            var headers = MergeNote.headers(merged: found.count, of: choice.matched, request.warnings)
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "cache-control", value: "no-cache, private")
            let body = await gate.threads.run { Self.document(key, found) }
            return APIResponse(status: .ok, headers: headers, body: .bytes(ByteBuffer(bytes: body)))
        }
    }

    /// One that was deleted meanwhile is passed over.
    private func objects(_ keys: [ObjectKey]) async throws -> [StoredObject] {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        var found: [StoredObject] = []
        for key in keys {
            let stored = try await failure.during { () throws(StoreError) in
                try await profiles.store.get(ProfilesGroup.profiles, key)
            }
            if let stored { found.append(stored) }
        }
        return found
    }

    private static func document(_ key: ObjectKey, _ profiles: [StoredObject]) -> [UInt8] {
        var writer = JSONWriter(capacity: 256 + profiles.count * 256)
        writer.beginObject()
        writer.field("kind", "ProfileSeries")
        writer.field("apiVersion", ProfilesGroup.groupVersion.description)
        writer.key("metadata")
        writer.beginObject()
        writer.field("name", key.name)
        writer.field("namespace", key.namespace)
        writer.endObject()
        writer.key("points")
        writer.beginArray()
        for profile in profiles {
            let object = (try? JSONValue.parse(profile.object.json)) ?? .null
            writer.beginObject()
            writer.field("profile", profile.key.name)
            for (name, value) in [
                ("time", object["spec"]?["createdAt"]), ("duration", object["status"]?["duration"]),
                ("totals", object["status"]?["sampleTypes"]),
            ] {
                if let value { writer.field(name, value) }
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [0x0a]
    }
}
