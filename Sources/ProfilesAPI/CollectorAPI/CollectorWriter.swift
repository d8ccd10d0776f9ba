internal import APIMachinery
internal import APIServer
internal import Pprof
internal import ProfefeCollector
internal import ProfileStore

/// `POST /api/0/profiles`: the body is the profile, as profefe's agents, kprofefe and kubectl-profefe send it.
///
/// Any or no Content-Type; `created_at` counts where the profile doesn't say its time; `instance_id`, which kube-profefe sends and
/// profefe forgets, is the instance where no label says another.
struct CollectorWriter: Sendable {
    let writer: ProfileWriter
    let admission: AdmissionChain
    /// Bytes as sent.
    var bodyLimit = 64 << 20

    /// The object of the new profile.
    ///
    /// - Throws: 400 in profefe's words; 413 for what is too large, packed or unpacked; what admission and store say.
    func write(_ request: AuthorizedRequest) async throws -> (key: ObjectKey, object: EncodedObject) {
        let origin = try origin(request)
        let body = try await request.bytes(upTo: bodyLimit)
        let checked: CheckedProfile
        do throws(ProfileFault) {
            checked = try await writer.check(body, origin.type)
        } catch {
            throw error.isTooLarge
                ? StatusError.requestEntityTooLarge("\(error)") : CollectorRefusal.malformed("\(error)")
        }
        if let facts = checked.content.facts, facts.sampleCount == 0 {
            throw CollectorRefusal.malformed("profile is empty: no samples")
        }
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        return try await admission.creating(
            AdmissionAttributes(
                user: request.user, resource: resource, namespace: origin.metadata.namespace, name: "")
        ) {
            let written = try await StoreFailure(resource).during { () throws(StoreError) in
                try await writer.write(origin, checked)
            }
            return (ObjectKey(namespace: origin.metadata.namespace, name: written.name), written.object)
        }
    }

    private func origin(_ request: AuthorizedRequest) throws(StatusError) -> ProfileOrigin {
        let parameters = try CollectorParameters(request.query)
        let createdAt = try parameters.time("created_at")
        guard let type = parameters.type else { throw CollectorRefusal.badRequest("unknown profile type") }
        try check(parameters, createdAt)
        var metadata = ObjectMeta()
        metadata.namespace = request.info.namespace
        var origin = ProfileOrigin(
            metadata: metadata, service: parameters.service, type: ProfileType(type, parameters.labels),
            requestedBy: request.user.name)
        origin.sourceKind = .agent
        origin.createdAt = createdAt
        origin.labels = Self.labels(parameters.labels, namespace: metadata.namespace, request)
        describe(&origin, instance: request.query["instance_id"])
        return origin
    }

    /// What profefe takes and nobody could find again, or could fill the store with.
    private func check(_ parameters: CollectorParameters, _ createdAt: Timestamp?) throws(StatusError) {
        func refuse(_ name: String, _ value: String, _ why: String) -> StatusError {
            CollectorRefusal.badRequest("bad \"\(name)\" \(CollectorParameters.shown(value)): \(why)")
        }
        if let fault = ProfileOrigin.fault(ofService: parameters.service) {
            throw refuse("service", parameters.service, fault)
        }
        if let createdAt, let fault = ProfileOrigin.fault(ofTime: createdAt) {
            throw refuse("created_at", CollectorTime.text(createdAt), fault)
        }
        var errors = FieldErrorList()
        let path = FieldPath("labels")
        ProfileLabels.check(parameters.labels.labels.map { ($0.key, $0.value) }, path, &errors) { _ in path }
        guard errors.isEmpty else { throw refuse("labels", parameters.query["labels"] ?? "", "\(errors)") }
    }

    /// All of them but the server's own, and the one by which nobody knows who would keep profiles for ever. One that says another namespace than the sender's own token is no fact: it is set right.
    private static func labels(
        _ labels: CollectorLabels, namespace: String, _ request: AuthorizedRequest
    ) -> [(key: String, value: String)] {
        let isPinned = request.user.serviceAccountNamespace != nil
        let isAnonymous = request.user.name == UserInfo.anonymous.name
        return labels.labels.compactMap { label in
            guard !ProfileLabels.isOwn(label.key), !isAnonymous || label.key != ProfileLabels.pinned else {
                ProfileLabels.warn(label.key, request.warnings)
                return nil
            }
            return (label.key, isPinned && label.key == CollectorNamespace.label ? namespace : label.value)
        }
    }

    private func describe(_ origin: inout ProfileOrigin, instance: String?) {
        origin.describe()
        if origin.instance == nil, let instance, (1...253).contains(instance.utf8.count) { origin.instance = instance }
    }
}

extension UserInfo {
    /// The namespace of a service account; nil for other users.
    var serviceAccountNamespace: String? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount", !parts[2].isEmpty else {
            return nil
        }
        return String(parts[2])
    }
}
