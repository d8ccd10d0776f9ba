internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import ProfileStore

/// `POST profileservices/S/profiles?type=cpu&labels=k%3Dv&createdAt=…`: the body is the profile itself.
///
/// Any or no Content-Type, chunked or not. The service need not exist before; `service=` names it where the name is no path
/// segment. The answer is the Profile, 201. kubectl can do it: `kubectl create --raw … -f cpu.pprof`.
struct ProfileUpload: Connector {
    let writer: ProfileWriter
    let subresource: SubresourceDescription
    /// Bytes as sent.
    var bodyLimit = 64 << 20

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        let options = try CreateOptions(query: request.query)
        let origin = try origin(key, request)
        let body = try await read(request)
        let checked: CheckedProfile
        do throws(ProfileFault) {
            checked = try await writer.check(body, origin.type)
        } catch {
            throw Self.invalid([.invalid(FieldPath("body"), .text(error.place), "\(error)")])
        }
        let object = try await StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles)).during { () throws(StoreError) in
            try await writer.write(origin, checked, dryRun: options.dryRun).object
        }
        return APIResponse(
            status: .created, headers: ["content-type": "application/json", "cache-control": "no-cache, private"],
            body: .bytes(ByteBuffer(bytes: object.json + [0x0a])))
    }

    private func read(_ request: AuthorizedRequest) async throws -> [UInt8] {
        do throws(TransportError) {
            return Array(try await request.http.body.collect(upTo: bodyLimit).readableBytesView)
        } catch where error.code == .bodyTooLarge {
            throw StatusError.requestEntityTooLarge(limit: bodyLimit)
        }
    }

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
        if service.isEmpty || service.utf8.count > 253 {
            errors.append(.invalid(FieldPath("service"), .text(String(service.prefix(64))), "must have 1 to 253 bytes"))
        }
        var metadata = ObjectMeta()
        metadata.namespace = key.namespace
        var origin = ProfileOrigin(
            metadata: metadata, service: service, type: type ?? .other, requestedBy: request.user.name)
        origin.labels = UploadLabels.parse(query.all("labels"), &errors)
        if let text = query["createdAt"] {
            origin.createdAt = Timestamp(rfc3339: text)
            if origin.createdAt == nil {
                errors.append(.invalid(FieldPath("createdAt"), .text(text), "must be a time as in RFC 3339"))
            }
        }
        guard errors.isEmpty else { throw Self.invalid(errors) }
        origin.pod = origin.labels.first { $0.key == "pod" }.map { ProfileOrigin.PodReference(name: $0.value) }
        return origin
    }
}

/// The parameter `labels`: `k=v,k2=v2`, repeatable; keys may come twice, as profefe keeps them.
///
/// Accepted: empty parts (`,a=b,,`), empty values. Refused: a part without `=`, an empty key, more than 64 labels, keys above 317
/// and values above 1024 bytes. A label `namespace` is dropped: the URL's namespace wins.
enum UploadLabels {
    static func parse(_ parameters: [String], _ errors: inout FieldErrorList) -> [(key: String, value: String)] {
        let path = FieldPath("labels")
        var labels: [(key: String, value: String)] = []
        for part in parameters.flatMap({ $0.split(separator: ",") }) {
            guard let equal = part.firstIndex(of: "="), equal != part.startIndex else {
                errors.append(.invalid(path, .text(String(part.prefix(64))), "must be key=value"))
                continue
            }
            let key = String(part[..<equal])
            let value = String(part[part.index(after: equal)...])
            guard key.utf8.count <= 317, value.utf8.count <= 1024 else {
                errors.append(.invalid(path, .text(String(key.prefix(64))), "key at most 317 bytes, value at most 1024"))
                continue
            }
            if key != "namespace" { labels.append((key, value)) }
        }
        if labels.count > 64 { errors.append(.tooMany(path, count: labels.count, limit: 64)) }
        return labels
    }
}
