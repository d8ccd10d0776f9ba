internal import APIMachinery
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import Pprof
public import ProfefeCollector
public import ProfileStore

/// Copies the profiles of a profefe collector into a store: ids, times, labels and bytes as the collector has them.
///
/// A profile that the store has already is passed over without being asked for, so a copy that was cut short is begun again, and one
/// that was whole takes what has come since. Nothing is deleted, there or here.
public struct CollectorImport: Sendable {
    /// How far it has come.
    public struct Progress: Sendable, Equatable {
        /// Services and types that were gone through, of how many.
        public var done = 0
        /// See ``done``.
        public var total = 0
        /// The service that is copied now.
        public var service = ""
        /// Profiles that were stored.
        public var copied = 0
        /// Their bytes.
        public var bytes = 0
        /// Profiles that were there already.
        public var known = 0
        /// Profiles that could not be taken, by the reason.
        public var refused: [Refusal: Int] = [:]
        /// Some of them, with what is wrong.
        public var examples: [String] = []

        /// Nothing yet.
        public init() {}

        /// All that could not be taken.
        public var refusedCount: Int { refused.values.reduce(0, +) }
        /// How many examples are kept.
        static let mostExamples = 100
    }

    /// Why a profile could not be taken.
    public enum Refusal: String, Sendable, CaseIterable {
        /// Its id is none: neither badger's nor that of S3 and GCS.
        case strangeID = "an id that is none of profefe's"
        /// The id has a `+`.
        case unreachable = "an id that the collector can't be asked for"
        /// The collector told of it and then didn't have it: it has expired meanwhile.
        case gone = "gone before it could be read"
        /// No profile of its type, or too large.
        case bad = "bytes that are no profile, or too large"
        /// The collector answers its bytes with an error, again and again.
        case unreadable = "bytes that the collector can't answer"
        /// What the collector tells of it can't be kept: a service or labels out of bounds.
        case unkeepable = "a service or labels that can't be kept"
    }

    /// What is copied and how.
    public struct Configuration: Sendable {
        /// Where profiles go whose label `namespace` says none.
        public var unscopedNamespace = "default"
        /// Only these; empty for all.
        public var services: [String] = []
        /// Profiles that are read at a time.
        public var parallel = 8
        /// How often a question is put before the collector counts as away.
        public var attempts = 5
        /// The pause after the first failure; doubled after each.
        public var pause = Duration.milliseconds(500)
        /// The defaults.
        public init() {}
    }

    private let client: CollectorClient
    private let store: any ObjectStore
    private let configuration: Configuration
    private let writer: ProfileWriter
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - client: asks the collector.
    ///   - store: what it is copied into.
    ///   - configuration: what is copied and how.
    ///   - clock: measures the pauses.
    public init(
        from client: CollectorClient, into store: any ObjectStore, _ configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.client = client
        self.store = store
        self.configuration = configuration
        self.clock = clock
        writer = ProfileWriter(
            store: store, decoder: ProfileDecoder(limits: .default), now: { Timestamp.now() })
    }

    /// Copies all there is.
    ///
    /// - Parameter tell: called after each step, one call at a time.
    /// - Returns: what was done, and what could not be taken.
    /// - Throws: `CollectorError` if the collector is away for good, `StoreError` if the store can't take more. What was copied stays.
    public func run(_ tell: @escaping @Sendable (Progress) -> Void) async throws -> Progress {
        let state = NIOLockedValueBox(Progress())
        let note: @Sendable (@Sendable (inout Progress) -> Void) -> Void = { change in
            state.withLockedValue { progress in
                change(&progress)
                tell(progress)
            }
        }
        var services = try await patiently { () async throws(CollectorError) in try await client.services() }
        if !configuration.services.isEmpty { services = services.filter(configuration.services.contains) }
        let pairs = services.flatMap { service in CollectorType.allCases.map { (service, $0) } }
        note { $0.total = pairs.count }
        for (service, type) in pairs {
            note { $0.service = service }
            try await CollectorSearch(client).forEach(service, type) { found in try await copy(found, note) }
            note { $0.done += 1 }
        }
        return state.withLockedValue { $0 }
    }

    // MARK: profiles

    private typealias Note = @Sendable (@Sendable (inout Progress) -> Void) -> Void

    /// Copies what one answer told of, some at a time.
    private func copy(_ found: [CollectorProfile], _ note: @escaping Note) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rest = found[...]
            for _ in 0..<max(1, configuration.parallel) {
                guard let profile = rest.popFirst() else { break }
                group.addTask { try await copy(profile, note) }
            }
            while try await group.next() != nil {
                guard let profile = rest.popFirst() else { continue }
                group.addTask { try await copy(profile, note) }
            }
        }
    }

    private func copy(_ profile: CollectorProfile, _ note: Note) async throws {
        func refuse(_ why: Refusal, _ what: String) {
            note { progress in
                progress.refused[why, default: 0] += 1
                guard progress.examples.count < Progress.mostExamples else { return }
                progress.examples.append("\(profile.id.prefix(200)) of \(profile.service.prefix(100)): \(what)")
            }
        }
        guard let id = CollectorID(profile.id), let type = profile.type else {
            return refuse(.strangeID, Refusal.strangeID.rawValue)
        }
        let origin = origin(profile, id, ProfileType(type, profile.labels))
        let key = ObjectKey(namespace: origin.metadata.namespace, name: id.xid)
        if try await isThere(key) { return note { $0.known += 1 } }
        if let fault = Self.fault(of: profile) { return refuse(.unkeepable, fault) }
        guard id.isReachable else { return refuse(.unreachable, "the id has a \"+\", which separates ids") }
        let checked: CheckedProfile
        do {
            let bytes = try await patiently { () async throws(CollectorError) in try await client.profile(id) }
            checked = try await writer.check(bytes, origin.type)
        } catch let error as CollectorError {
            guard let why = Self.refusal(error) else { throw error }
            // Is it this profile, or the collector?
            if error.isOutage { _ = try await client.services() }
            return refuse(why, error.message)
        } catch let fault as ProfileFault {
            return refuse(.bad, "\(fault)")
        }
        do throws(StoreError) {
            _ = try await writer.write(origin, checked)
            note { progress in
                progress.copied += 1
                progress.bytes += checked.bytes.count
            }
        } catch {
            // The same one, told of twice in one answer.
            guard error.code == .alreadyExists else { throw error }
            note { $0.known += 1 }
        }
    }

    private func isThere(_ key: ObjectKey) async throws -> Bool {
        if store.cached(ProfilesGroup.profiles, key) != nil { return true }
        return try await store.get(ProfilesGroup.profiles, key) != nil
    }

    /// What becomes of one profile only; nil for what stops the copy.
    private static func refusal(_ error: CollectorError) -> Refusal? {
        switch error.code {
        case .notFound: .gone
        case .tooLarge: .bad
        case .refused: .unreadable
        default: nil
        }
    }

    private func origin(_ profile: CollectorProfile, _ id: CollectorID, _ type: ProfileType) -> ProfileOrigin {
        var metadata = ObjectMeta()
        metadata.name = id.xid
        metadata.namespace = CollectorNamespace.of(profile.labels) ?? configuration.unscopedNamespace
        var origin = ProfileOrigin(metadata: metadata, service: profile.service, type: type, requestedBy: "import")
        origin.id = id.text
        origin.sourceKind = .imported
        origin.createdAt = profile.createdAt
        origin.labels = profile.labels.labels.filter { !ProfileLabels.isOwn($0.key) }.map { ($0.key, $0.value) }
        origin.describe()
        return origin
    }

    /// Why what the collector tells can't be kept; nil if it can.
    private static func fault(of profile: CollectorProfile) -> String? {
        if let fault = ProfileOrigin.fault(ofService: profile.service) { return "the service \(fault)" }
        var errors = FieldErrorList()
        let path = FieldPath("labels")
        ProfileLabels.check(profile.labels.labels.map { ($0.key, $0.value) }, path, &errors) { _ in path }
        return errors.isEmpty ? nil : "\(errors)"
    }

    // MARK: patience

    /// Asks again, with pauses, as long as the collector may come back; a certificate doesn't get better by that.
    private func patiently<Value: Sendable>(
        _ ask: () async throws(CollectorError) -> Value
    ) async throws -> Value {
        var pause = configuration.pause
        for attempt in 1... {
            do throws(CollectorError) {
                return try await ask()
            } catch {
                let mayPass = error.isOutage && error.code != .untrusted
                guard mayPass, attempt < configuration.attempts else { throw error }
                try await clock.sleep(for: pause)
                pause *= 2
            }
        }
        throw CancellationError()
    }
}
