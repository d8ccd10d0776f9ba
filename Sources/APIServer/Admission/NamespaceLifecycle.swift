public import APIMachinery
public import KubeClient
public import Logging

/// Nothing is created in a namespace that isn't there or is going (conformance 12.1, apiserver `plugin/namespace/lifecycle`).
///
/// | namespace | answer |
/// |---|---|
/// | known and active | yes |
/// | unknown | after 50 ms looked for again, then asked of kube-apiserver: 404 `namespaces "x" not found` if it knows none |
/// | being terminated | 403 with the cause `NamespaceTerminating`, for which controllers look |
/// | can't be asked for | 503 with `Retry-After` |
///
/// Without it objects would come into being after the namespace controller has looked for the last time, and stay for ever. Whatever
/// is at cluster scope, and everything but creation, is admitted. `default`, `kube-system` and the like, which can't be deleted, need
/// no rule here: namespaces themselves aren't served.
public struct NamespaceLifecycle: Admission {
    /// Asks kube-apiserver for one namespace; nil if it has none of that name.
    public typealias Lookup = @Sendable (_ name: String) async throws(KubeClientError) -> KubeNamespace?

    private let namespaces: ObjectCache<KubeNamespace>
    private let lookup: Lookup
    private let lookups = CoalescedCalls<String, KubeNamespace?>()
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// How long a namespace that is just being made may take to be seen.
    static let patience = Duration.milliseconds(50)

    /// - Parameters:
    ///   - namespaces: those known.
    ///   - lookup: asks for one that isn't.
    ///   - clock: waits ``patience``.
    ///   - logger: told why one could not be asked for.
    public init(
        namespaces: ObjectCache<KubeNamespace>, clock: any Clock<Duration> = ContinuousClock(), logger: Logger,
        lookup: @escaping Lookup
    ) {
        self.namespaces = namespaces
        self.lookup = lookup
        self.clock = clock
        self.logger = logger
    }

    /// The same, asking `client`.
    public init(namespaces: ObjectCache<KubeNamespace>, client: KubeClient, logger: Logger) {
        self.init(namespaces: namespaces, logger: logger) { name throws(KubeClientError) in
            do throws(KubeClientError) {
                return KubeNamespace(try await client.get("/api/v1/namespaces/\(name)", deadline: .seconds(10)))
            } catch {
                if error.code == .refused, error.status == 404 { return nil }
                throw error
            }
        }
    }

    /// Lets what is created in an active namespace come into being.
    public func admit(_ attributes: AdmissionAttributes) async throws(StatusError) -> AdmissionHold? {
        let name = attributes.namespace
        guard !name.isEmpty else { return nil }
        let namespace = if let known = known(name) { known } else { try await find(name) }
        guard let namespace else { throw .notFound(GroupResource(group: "", resource: "namespaces"), name: name) }
        guard namespace.isTerminating else { return nil }
        let cause = StatusCause(
            reason: "NamespaceTerminating", message: "namespace \(name) is being terminated",
            field: "metadata.namespace")
        throw attributes.forbidden(
            "unable to create new content in namespace \(name) because it is being terminated", causes: [cause])
    }

    private func known(_ name: String) -> KubeNamespace? { namespaces[ObjectKey(namespace: "", name: name)] }

    private func find(_ name: String) async throws(StatusError) -> KubeNamespace? {
        // What can't be a namespace's name is none; and it must not become part of a path.
        guard Names.dns1123Label(name).isEmpty else { return nil }
        do {
            try await clock.sleep(for: Self.patience)
            if let known = known(name) { return known }
            return try await lookups.value(of: name) { try await lookup(name) }
        } catch {
            logger.warning("a namespace can't be looked up", metadata: ["namespace": "\(name)", "error": "\(error)"])
            throw StatusError.serviceUnavailable("the namespace \(name.quoted) can't be looked up").caused(by: error)
        }
    }
}
