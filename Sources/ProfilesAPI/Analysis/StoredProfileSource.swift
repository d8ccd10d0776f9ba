internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import Pprof
internal import ProfileStore

/// The profile that the store has under the object's name.
struct StoredProfileSource: AnalysisSource {
    let store: any ObjectStore
    let decoder: ProfileDecoder
    let limits: AnalysisLimits

    func profile(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        let stored = try await stored(key)
        let fields = stored.fields
        let profile = try await decode(key, fields)
        let title = "\(fields["spec.type"] ?? "profile") of \(fields["spec.service"] ?? "") — \(key.name)"
        return AnalysedProfile(profile: profile, title: title, name: key.name, namespace: key.namespace)
    }

    func base(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        guard let name = AnalysisQuery(request.query).text("base") else {
            throw StatusError.badRequest(
                "\(FieldError.required(FieldPath("base"), "the name of another profile in this namespace"))")
        }
        // A name that can't be one is not looked for: it may be anything.
        guard ProfileID.isValid(name) else {
            throw AnalysisQuery(request.query).invalid(
                "base", name, "must be the name of a profile: 20 characters of 0-9 and a-v")
        }
        return try await profile(ObjectKey(namespace: key.namespace, name: name), request)
    }

    /// - Throws: 404; 400 for a trace, with the reason.
    private func stored(_ key: ObjectKey) async throws -> StoredObject {
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        let failure = StoreFailure(resource, name: key.name)
        let found = try await failure.during { () throws(StoreError) in try await store.get(ProfilesGroup.profiles, key)
        }
        guard let found else { throw StatusError.notFound(resource, name: key.name) }
        guard found.fields["spec.type"] != ProfileType.trace.rawValue else {
            throw StatusError.badRequest(
                "profile \(key.name) is an execution trace, which has no samples to analyse; a trace offers download and proxy only"
            )
        }
        return found
    }

    private func decode(_ key: ObjectKey, _ fields: [String: String]) async throws -> ValidatedProfile {
        if let size = fields[ProfileRecord.sizeField].flatMap({ Int($0) }), size > limits.profileBytes {
            throw StatusError.requestEntityTooLarge(
                "profile \(key.name) has \(size) bytes; the limit of an analysis is \(limits.profileBytes)")
        }
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        let bytes = try await StoreFailure(resource, name: key.name).during { () throws(StoreError) in
            try await store.payload(ProfilesGroup.profiles, key)
        }
        guard let bytes else { throw StatusError.notFound(resource, name: key.name) }
        return try await offEventLoop { [decoder] in
            try AnalysisFailure.translating { try decoder.decode(bytes) }
        }
    }
}
