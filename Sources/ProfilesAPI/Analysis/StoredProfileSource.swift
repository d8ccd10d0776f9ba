internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import Pprof
internal import ProfileStore

/// The profile that the store has under the object's name.
struct StoredProfileSource: AnalysisSource {
    let profiles: StoredProfiles

    func profile(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        profiles.warn(request)
        let stored = try await profiles.object(ProfilesGroup.profiles, key)
        let fields = stored.fields
        guard fields["spec.type"] != ProfileType.trace.rawValue else {
            throw StatusError.badRequest(
                "profile \(key.name) is an execution trace, which has no samples to analyse; a trace offers download and proxy only"
            )
        }
        guard let bytes = try await profiles.bytes(key, size: stored.size) else {
            throw StatusError.notFound(ProfilesGroup.resource(ProfilesGroup.profiles), name: key.name)
        }
        let profile = try await profiles.gate.threads.run { [decoder = profiles.decoder] in
            try AnalysisFailure.translating { try decoder.decode(bytes) }
        }
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
}
