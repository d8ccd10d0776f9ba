internal import APIMachinery
internal import APIServer
internal import ProfileCapture
internal import ProfileStore

/// `profilecaptures`: what the store has; creating one queues it.
struct CaptureREST: StoreBackedUpdater, Creator {
    let store: any ObjectStore
    let groupResource = ProfilesGroup.resource(ProfilesGroup.captures)
    let columns = CaptureColumns.all
    let schema = CaptureSchema.schema
    let description = ResourceDescription(
        plural: ProfilesGroup.captures, singular: "profilecapture", kind: ProfilesGroup.captureKind,
        shortNames: ["pcap"],
        categories: [ProfilesGroup.category], selectableFields: CaptureDocument.selectableFields)
    private let service: CaptureService
    let hasGarbageCollector: Bool
    let now: @Sendable () -> Timestamp

    init(
        store: any ObjectStore, service: CaptureService, hasGarbageCollector: Bool = false,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.hasGarbageCollector = hasGarbageCollector
        self.service = service
        self.now = now
    }

    func validate(_ object: DecodedObject, _ request: AuthorizedRequest) -> FieldErrorList {
        var reader = CaptureSpecReader(object.value["spec"] ?? .null)
        _ = reader.read()
        return reader.errors
    }

    func create(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        let spec = object.value["spec"] ?? .null
        let user = request.user
        let document = CaptureDocument(
            metadata: object.metadata, spec: spec,
            status: CaptureStatus(
                requester: user,
                acceptedAt: now()))
        if options.dryRun { return document.dryRun }
        guard let job = CaptureJob(document, taken: []) else {
            throw StatusError.internalError("the spec passed validation and can't be read")
        }
        guard service.reserve(uid: job.uid) else {
            throw StatusError.tooManyRequests("too many captures are waiting, try again later", retryAfter: 5)
        }
        let failure = StoreFailure(groupResource, name: object.metadata.name)
        do {
            let stored = try await failure.during { () throws(StoreError) in try await store.create(document.draft) }
            service.submit(job)
            return stored.object
        } catch {
            service.release(uid: job.uid)
            throw error
        }
    }
}

extension CaptureJob {
    /// The job of a capture, of which `taken` is there already; nil if its spec can't be read, which the creation has excluded.
    init?(_ document: CaptureDocument, taken: [CaptureProgress.Result]) {
        var reader = CaptureSpecReader(document.spec)
        guard let spec = reader.read() else { return nil }
        self.init(
            key: document.metadata.key, uid: document.metadata.uid, spec: spec, requester: document.status.requester,
            startTime: document.status.progress.startTime, earlier: taken)
    }
}
