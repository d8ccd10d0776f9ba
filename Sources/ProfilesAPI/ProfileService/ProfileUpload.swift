internal import APIMachinery
internal import APIServer
internal import NIOCore
internal import NIOHTTP1
internal import ProfileStore

/// `POST profileservices/S/profiles?type=cpu&labels=k%3Dv&createdAt=…`: the body is the profile itself.
///
/// Any or no Content-Type, chunked or not. The service need not exist before; `service=` names it where the name is no path
/// segment. The answer is the Profile, 201. kubectl can do it: `kubectl create --raw … -f cpu.pprof`.
struct ProfileUpload: Connector {
    let writer: ProfileWriter
    let admission: AdmissionChain
    let subresource: SubresourceDescription
    /// Bytes as sent.
    var bodyLimit = 64 << 20

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        let options = try CreateOptions(query: request.query)
        let origin = try origin(key, request)
        let body = try await request.bytes(upTo: bodyLimit)
        let checked: CheckedProfile
        do throws(ProfileFault) {
            checked = try await writer.check(body, origin.type)
        } catch {
            throw Self.invalid([.invalid(FieldPath("body"), .text(error.place), "\(error)")])
        }
        let object = try await admission.creating(
            AdmissionAttributes(
                user: request.user, resource: Self.profiles, namespace: key.namespace, name: "",
                isDryRun: options.dryRun)
        ) {
            try await StoreFailure(Self.profiles).during { () throws(StoreError) in
                try await writer.write(origin, checked, dryRun: options.dryRun).object
            }
        }
        return APIResponse(
            status: .created, headers: ["content-type": "application/json", "cache-control": "no-cache, private"],
            body: .bytes(ByteBuffer(bytes: object.json + [0x0a])))
    }

    private static let profiles = ProfilesGroup.resource(ProfilesGroup.profiles)

    private static func invalid(_ errors: FieldErrorList) -> StatusError {
        .invalid(ProfilesGroup.groupVersion.kind(ProfilesGroup.profileKind).groupKind, name: "", errors)
    }

    private func origin(_ key: ObjectKey, _ request: AuthorizedRequest) throws(StatusError) -> ProfileOrigin {
        let query = request.query
        var errors = FieldErrorList()
        let type = query["type"].flatMap(ProfileType.init)
        if type == nil {
            let supported = ProfileType.allCases.map(\.rawValue)
            errors.append(
                query["type"].map { .notSupported(FieldPath("type"), .text($0), supported: supported) }
                    ?? .required(FieldPath("type"), "one of \(supported.joined(separator: ", "))"))
        }
        let service = query["service"] ?? key.name
        if let fault = ProfileOrigin.fault(ofService: service) {
            errors.append(.invalid(FieldPath("service"), .text(String(service.prefix(64))), fault))
        }
        var metadata = ObjectMeta()
        metadata.namespace = key.namespace
        var origin = ProfileOrigin(
            metadata: metadata, service: service, type: type ?? .other, requestedBy: request.user.name)
        let labels = UploadLabels.parse(query.all("labels"), &errors)
        origin.createdAt = createdAt(query["createdAt"], &errors)
        guard errors.isEmpty else { throw Self.invalid(errors) }
        origin.labels = ProfileLabels.taken(labels, namespace: key.namespace, request.warnings)
        origin.describe()
        return origin
    }

    private func createdAt(_ text: String?, _ errors: inout FieldErrorList) -> Timestamp? {
        guard let text, !text.isEmpty else { return nil }
        let time = Timestamp(rfc3339: text)
        let fault = time.map(ProfileOrigin.fault(ofTime:)) ?? "must be a time as in RFC 3339"
        if let fault { errors.append(.invalid(FieldPath("createdAt"), .text(String(text.prefix(64))), fault)) }
        return time
    }
}
