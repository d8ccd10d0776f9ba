internal import APIMachinery
internal import APIServer
internal import Pprof
internal import ProfileStore

/// `profiles`: what the store has, and creation from an object with `spec.data`.
struct ProfileREST: StoreBackedUpdater, Creator {
    let store: any ObjectStore
    let groupResource = ProfilesGroup.resource(ProfilesGroup.profiles)
    let now: @Sendable () -> Timestamp
    let description: ResourceDescription
    let columns = ProfileColumns.all
    let schema = ProfileSchema.schema
    let updateSchema = ProfileSchema.storedSchema
    /// Profiles are larger than other objects: 64 MiB packed, by 4/3 for base64, and the rest of the object.
    let bodyLimit = 88 << 20
    let hasGarbageCollector: Bool
    private let writer: ProfileWriter
    /// How new the mirror is of which these are; nil for profiles of the store's own.
    private let freshness: MirrorFreshness?

    /// A collector has no deletion: what would be deleted here would come back with the next poll.
    private static let noDeletion =
        "the profiles are those of a profefe collector, which can't delete any; they go when their time there is over"

    init(
        store: any ObjectStore, writer: ProfileWriter, advertisesWatch: Bool, hasGarbageCollector: Bool = false,
        freshness: MirrorFreshness? = nil
    ) {
        self.store = store
        self.freshness = freshness
        self.hasGarbageCollector = hasGarbageCollector
        self.writer = writer
        now = writer.now
        var description = ResourceDescription(
            plural: ProfilesGroup.profiles, singular: "profile", kind: ProfilesGroup.profileKind, shortNames: ["prof"],
            categories: [ProfilesGroup.category], selectableFields: ProfileRecord.selectableFields, naming: .byStorage,
            unadvertisedVerbs: advertisesWatch ? [] : [.watch])
        if writer.archive != nil {
            description.refusedVerbs = [.delete: Self.noDeletion, .deletecollection: Self.noDeletion]
        }
        self.description = description
    }

    var caution: String? { freshness?.caution }

    func validate(_ object: DecodedObject, _ request: AuthorizedRequest) -> FieldErrorList {
        var errors = FieldErrorList()
        let name = object.metadata.name
        if !name.isEmpty, writer.archive != nil {
            errors.append(
                .invalid(
                    FieldPath("metadata").child("name"), .text(name),
                    "must be left out: the profefe collector that keeps the profile chooses it"))
        } else if !name.isEmpty, !ProfileID.isValid(name) {
            errors.append(
                .invalid(
                    FieldPath("metadata").child("name"), .text(name),
                    "must be an xid, 20 characters of 0-9 and a-v; leave it out and the server chooses one"))
        }
        let path = FieldPath("spec")
        let spec = object.value["spec"]
        if let data = spec?["data"]?.stringValue, data.isEmpty {
            errors.append(.required(path.child("data"), "base64 of the profile"))
        }
        if let fault = ProfileOrigin.fault(ofService: spec?["service"]?.stringValue ?? "") {
            errors.append(.invalid(path.child("service"), .text(spec?["service"]?.stringValue ?? ""), fault))
        }
        if let time = spec?["createdAt"]?.stringValue,
            let fault = Timestamp(rfc3339: time).flatMap(ProfileOrigin.fault(ofTime:))
        {
            errors.append(.invalid(path.child("createdAt"), .text(time), fault))
        }
        ProfileLabels.check(Self.labels(spec), path.child("labels"), &errors) { path.child("labels").index($0) }
        if !object.metadata.generateName.isEmpty {
            request.warnings.add("metadata.generateName is ignored: the name of a profile is its xid")
        }
        ProfileLabels.warn(of: object.metadata, request.warnings)
        return errors
    }

    func create(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        let origin = Self.origin(object, request)
        let checked: CheckedProfile
        do throws(ProfileFault) {
            checked = try await writer.check(base64: object.value["spec"]?["data"]?.stringValue ?? "", origin.type)
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

    private static func labels(_ spec: JSONValue?) -> [(key: String, value: String)] {
        (spec?["labels"]?.arrayValue ?? []).map { ($0["key"]?.stringValue ?? "", $0["value"]?.stringValue ?? "") }
    }

    /// What the object says of the profile; the schema has checked types and enums.
    private static func origin(_ object: DecodedObject, _ request: AuthorizedRequest) -> ProfileOrigin {
        let spec = object.value["spec"]
        func text(_ name: String) -> String? { spec?[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
        var metadata = object.metadata
        metadata.generateName = ""
        let type = text("type").flatMap(ProfileType.init) ?? .other
        var origin = ProfileOrigin(
            metadata: metadata, service: text("service") ?? "", type: type, requestedBy: request.user.name)
        origin.labels = ProfileLabels.taken(labels(spec), namespace: metadata.namespace, request.warnings)
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
