internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import Pprof
internal import ProfileStore

/// Answers with the bytes of a profile, or with the sum of several.
struct CollectorMerge: Sendable {
    let profiles: StoredProfiles
    /// What was asked for lately.
    private let hot = HotProfiles()

    init(profiles: StoredProfiles) { self.profiles = profiles }

    /// One profile: its bytes as they were sent. Several: their merge, gzipped, of all of them or none.
    ///
    /// - Throws: 400 if they can't be merged, 413 if they are too many or too large, 429 if enough merges are running.
    func answer(_ keys: [ObjectKey], fileName: String, _ request: AuthorizedRequest) async throws -> APIResponse {
        if let key = keys.first, keys.count == 1 {
            return try await bytes(key, fileName: fileName)
        }
        let limits = profiles.limits
        guard keys.count <= limits.mostProfiles else {
            throw StatusError.requestEntityTooLarge(
                "\(keys.count) profiles match, and at most \(limits.mostProfiles) are merged; ask for a shorter time, or with limit"
            )
        }
        let merged = try await profiles.gate.enter {
            var parts: [StoredProfileMerge.Part] = []
            for key in keys { parts.append(try await part(key)) }
            let end = min(
                NIODeadline.now() + TimeAmount(limits.mergeTime), StoredProfileMerge.lastMoment(request))
            let sum = try await StoredProfileMerge(profiles: profiles).sum(parts, by: end, isStrict: true)
            guard let sum else { throw CollectorRefusal.nothingFound }
            return try await profiles.gate.threads.run {
                try AnalysisFailure.translating { try sum.profile.gzipped() }
            }
        }
        return APIResponse(headers: Self.headers(fileName), body: .bytes(ByteBuffer(bytes: merged)))
    }

    private func part(_ key: ObjectKey) async throws(StatusError) -> StoredProfileMerge.Part {
        guard let stored = try await object(key) else { throw CollectorRefusal.nothingFound }
        return StoredProfileMerge.Part(key: key, size: stored.size)
    }

    private func object(_ key: ObjectKey) async throws(StatusError) -> StoredObject? {
        if let hit = profiles.store.cached(ProfilesGroup.profiles, key) { return hit }
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles), name: key.name)
        return try await failure.during { () throws(StoreError) in
            try await profiles.store.get(ProfilesGroup.profiles, key)
        }
    }

    /// The answer with one profile that was asked for lately.
    func hotAnswer(_ stored: StoredObject, fileName: String) -> APIResponse? {
        hot.bytes(stored.key, at: stored.resourceVersion).map {
            APIResponse(headers: Self.headers(fileName), body: .bytes($0))
        }
    }

    private func bytes(_ key: ObjectKey, fileName: String) async throws -> APIResponse {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles), name: key.name)
        // The object before the bytes: these are of its version, or newer.
        let before = try await object(key)
        let payload = try await failure.during { () throws(StoreError) in
            try await StoredPayload(of: key, in: profiles.store)
        }
        // A mirrored profile that was never read tells its size only now.
        let stored = before?.size ?? 0 > 0 ? before : try await object(key)
        guard let stored, let payload else { throw CollectorRefusal.nothingFound }
        let size = stored.size
        var headers = Self.headers(fileName)
        guard size > payload.first.readableBytes else {
            if let before, before.size > 0 { hot.keep(payload.first, key, at: before.resourceVersion) }
            return APIResponse(headers: headers, body: .bytes(payload.first))
        }
        headers.add(name: "content-length", value: String(size))
        return APIResponse(headers: headers, body: .stream { try await payload.send(of: size, to: $0) })
    }

    /// profefe's own, to which clients may hold.
    private static func headers(_ fileName: String) -> HTTPHeaders {
        func isPlain(_ scalar: UInt32) -> Bool { (0x20...0x7e).contains(scalar) && scalar != 0x22 && scalar != 0x5c }
        let name =
            fileName.utf8.allSatisfy { isPlain(UInt32($0)) }
            ? fileName : String(fileName.unicodeScalars.map { isPlain($0.value) ? Character($0) : "_" })
        return [
            "content-type": "application/octet-stream", "content-disposition": "attachment; filename=\"\(name)\"",
            "x-content-type-options": "nosniff",
        ]
    }
}
