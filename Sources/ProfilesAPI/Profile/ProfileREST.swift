internal import APIMachinery
internal import APIServer
internal import Digests
internal import Pprof
internal import ProfileStore

/// `profiles`: what the store has, and creation from an object with `spec.data`.
struct ProfileREST: StoreBackedStorage, Creator {
    let store: any ObjectStore
    let groupResource = ProfilesGroup.resource(ProfilesGroup.profiles)
    let now: @Sendable () -> Timestamp
    let description: ResourceDescription
    let columns = ProfileColumns.all
    let schema = ProfileSchema.schema
    /// Profiles are larger than other objects: 64 MiB packed, by 4/3 for base64, and the rest of the object.
    let bodyLimit = 88 << 20
    private let writer: ProfileWriter

    init(store: any ObjectStore, writer: ProfileWriter, advertisesWatch: Bool) {
        self.store = store
        self.writer = writer
        now = writer.now
        description = ResourceDescription(
            plural: ProfilesGroup.profiles, singular: "profile", kind: ProfilesGroup.profileKind, shortNames: ["prof"],
            categories: [ProfilesGroup.category], selectableFields: ProfileRecord.selectableFields, naming: .byStorage,
            unadvertisedVerbs: advertisesWatch ? [] : [.watch])
    }

    func validate(_ object: DecodedObject, _ request: AuthorizedRequest) -> FieldErrorList {
        var errors = FieldErrorList()
        let name = object.metadata.name
        if !name.isEmpty, !ProfileID.isValid(name) {
            errors.append(
                .invalid(
                    FieldPath("metadata").child("name"), .text(name),
                    "must be an xid, 20 characters of 0-9 and a-v; leave it out and the server chooses one"))
        }
        if let data = object.value["spec"]?["data"]?.stringValue, data.isEmpty {
            errors.append(.required(FieldPath("spec").child("data"), "base64 of the profile"))
        }
        return errors
    }

    func create(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        let spec = object.value["spec"]
        guard let data = spec?["data"]?.stringValue, let bytes = Base64.decode(data) else {
            throw invalid(object, .invalid(FieldPath("spec").child("data"), "…", "must be base64 (RFC 4648 §4)"))
        }
        let origin = Self.origin(object, request)
        let checked: CheckedProfile
        do throws(ProfileFault) {
            checked = try await writer.check(bytes, origin.type)
        } catch {
            throw invalid(object, .invalid(FieldPath("spec").child("data"), .text(error.place), "\(error)"))
        }
        return try await StoreFailure(groupResource, name: origin.metadata.name).during { () throws(StoreError) in
            try await writer.write(origin, checked, dryRun: options.dryRun).object
        }
    }

    private func invalid(_ object: DecodedObject, _ error: FieldError) -> StatusError {
        let kind = ProfilesGroup.groupVersion.kind(ProfilesGroup.profileKind).groupKind
        return .invalid(kind, name: object.metadata.name, [error])
    }

    /// What the object says of the profile; the schema has checked types and enums.
    private static func origin(_ object: DecodedObject, _ request: AuthorizedRequest) -> ProfileOrigin {
        let spec = object.value["spec"]
        func text(_ name: String) -> String? { spec?[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
        var metadata = object.metadata
        metadata.generateName = ""
        let type = text("type").flatMap(ProfileType.init) ?? .other
        var origin = ProfileOrigin(metadata: metadata, service: text("service") ?? "", type: type, requestedBy: request.user.name)
        origin.labels = (spec?["labels"]?.arrayValue ?? []).compactMap { label in
            label["key"]?.stringValue.map { ($0, label["value"]?.stringValue ?? "") }
        }
        origin.createdAt = text("createdAt").flatMap(Timestamp.init(rfc3339:))
        origin.instance = text("instance")
        origin.container = text("container")
        origin.nodeName = text("nodeName")
        origin.pod = spec?["podRef"]?["name"]?.stringValue.map {
            ProfileOrigin.PodReference(name: $0, uid: spec?["podRef"]?["uid"]?.stringValue ?? "")
        }
        return origin
    }
}
