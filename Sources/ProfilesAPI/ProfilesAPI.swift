public import APIMachinery
public import APIServer
public import Logging
public import Pprof
public import ProfileCapture
public import ProfileStore

/// The API group `profefe.io/v1`, put together: its resources for the server, its controller to run beside it.
public struct ProfilesAPI: Sendable {
    /// What the group is made of.
    public struct Configuration: Sendable {
        /// Whether discovery tells that profiles can be watched (they can in any case).
        public var advertisesProfileWatch = false
        /// Whether kube-controller-manager's garbage collector sees the group: deletions honour Foreground and Orphan then, for
        /// the resources that discovery says can be watched.
        public var hasGarbageCollector = false
        /// Captures at a time and in the queue.
        public var captures = CaptureService.Limits()
        /// What a profile may be.
        public var profiles = DecodeLimits.default
        /// What analyses of profiles may take of the server.
        public var analyses = AnalysisLimits()
        /// The last word on profiles that don't come by a create: uploads, and what captures take.
        public var admission = AdmissionChain()
        /// Is told of each result of a capture.
        public var announce: CaptureRunner.Announce = { _, _ in }
        /// The collector whose profiles these are; nil for a store of one's own.
        public var collector: CollectorConfiguration?
        /// Where profiles go whose label says no namespace, see ``CollectorAPI``.
        public var unscopedNamespace = "default"
        /// The defaults.
        public init() {}
    }

    /// The resources with their subresources.
    public let resources: [APIResource]
    /// Takes the profiles of captures; run it.
    public let captures: CaptureService
    /// Keeps captures and their objects together; run it.
    public let controller: CaptureController
    /// Keeps the services up with their profiles; run it.
    public let services: ServiceIndex
    /// Keeps the profiles those of the collector; nil without one. Run it.
    public let mirror: CollectorMirror?
    /// profefe's own API over the same profiles.
    public let collectorAPI: CollectorAPI

    /// - Parameters:
    ///   - configuration: sizes and switches.
    ///   - store: where everything is kept.
    ///   - resolver: finds the pods of a capture.
    ///   - fetcher: takes one profile.
    ///   - clock: pauses and deadlines of captures.
    ///   - now: wall-clock time for objects.
    ///   - logger: for what happens outside of requests.
    public init(
        _ configuration: Configuration = Configuration(), store: any ObjectStore, resolver: TargetResolver,
        fetcher: ProfileFetcher, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }, logger: Logger
    ) {
        let answered = AnsweredWrites(of: ProfilesGroup.profiles)
        let behind = configuration.collector.map {
            CollectorParts($0, store: store, limits: configuration.profiles, clock: clock, now: now, logger: logger)
        }
        mirror = behind?.mirror
        let store = NotedStore(base: behind?.store ?? store, answered: answered)
        services = ServiceIndex(store: store, answered: answered, logger: logger)
        let writer = ProfileWriter(
            store: store, decoder: ProfileDecoder(limits: configuration.profiles), now: now, archive: behind?.archive)
        let observer = CaptureStatusWriter(store: store, clock: clock, now: now, logger: logger)
        let runner = CaptureRunner(
            resolver: resolver, fetcher: fetcher,
            sink: CaptureSink(writer: writer, admission: configuration.admission), observer: observer, clock: clock,
            now: now, announce: configuration.announce)
        captures = CaptureService(runner: runner, limits: configuration.captures, logger: logger)
        controller = CaptureController(store: store, service: captures, logger: logger, clock: clock, now: now)
        let profile = ProfilesGroup.groupVersion.kind(ProfilesGroup.profileKind)
        let gate = AnalysisGate(configuration.analyses)
        let decoder = ProfileDecoder(limits: configuration.analyses.decoding(configuration.profiles))
        let profiles = StoredProfiles(store: store, decoder: decoder, gate: gate, freshness: mirror?.freshness)
        collectorAPI = CollectorAPI(
            CollectorAPI.Parts(
                profiles: profiles, services: services, writer: writer, admission: configuration.admission,
                unscopedNamespace: configuration.unscopedNamespace))
        let stored = StoredProfileSource(profiles: profiles)
        let service = ServiceProfileSource(profiles: profiles, now: now)
        let captured = CaptureProfileSource(profiles: profiles)
        let capture = CaptureREST(
            store: store, service: captures, hasGarbageCollector: configuration.hasGarbageCollector, now: now)
        let downloads: [any Connector] = [
            ProfileDownload(
                store: store, subresource: SubresourceDescription(name: "download", kind: profile, verbs: ["get"])),
            ProfileDownload(
                store: store, subresource: SubresourceDescription(name: "proxy", kind: profile, verbs: ["get"]),
                takesSubpaths: true),
        ]
        let ofCapture: [any Connector] = [
            StatusReading(of: capture, ProfilesGroup.groupVersion), CaptureDownload(profiles: profiles),
        ]
        let upload: [any Connector] = [
            ProfileUpload(
                writer: writer, admission: configuration.admission,
                subresource: SubresourceDescription(name: "profiles", kind: profile, verbs: ["create"]))
        ]
        resources = [
            APIResource(
                ProfileREST(
                    store: store, writer: writer, advertisesWatch: configuration.advertisesProfileWatch,
                    hasGarbageCollector: configuration.hasGarbageCollector && configuration.advertisesProfileWatch,
                    freshness: mirror?.freshness),
                connectors: downloads + AnalysisSubresources.ofProfile(stored, gate)),
            APIResource(capture, connectors: ofCapture + AnalysisSubresources.ofMany(captured, gate)),
            APIResource(
                ProfileServiceREST(store: store, index: services, now: now, freshness: mirror?.freshness),
                connectors: upload + AnalysisSubresources.ofService(service, gate, now: now)),
        ]
    }
}
