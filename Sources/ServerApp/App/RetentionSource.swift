internal import APIMachinery
internal import APIServer
internal import KubeClient
internal import Logging
internal import NIOConcurrencyHelpers
internal import ProfileStore
internal import ProfilesAPI

/// How long profiles are kept, put together from the file's rules, the annotations of namespaces, and the flag.
final class RetentionSource: Sendable {
    private let options: RetentionOptions.Completed
    private let rules: RetentionRules?
    /// Nil where there is no cluster.
    private let namespaces: ObjectCache<KubeNamespace>?
    private let logger: Logger
    /// The annotations that were told to be faulty, so that each is told once.
    private let told = NIOLockedValueBox<Set<String>>([])

    /// Reads the file of rules, if there is one, and notes what is wrong with it.
    init(
        _ options: RetentionOptions.Completed, namespaces: ObjectCache<KubeNamespace>?, logger: Logger,
        _ faults: inout Faults
    ) {
        self.options = options
        self.namespaces = namespaces
        self.logger = logger
        rules = options.rulesFile.flatMap { path in
            faults.read("--retention-file") { try RetentionRules(path, logger: logger) }
        }
    }

    /// What the store is to do.
    var configuration: RetentionConfiguration {
        ProfileRetention.configuration(options.limits) { [self] in policy }
    }

    /// The files that are read again when they change.
    var reloadables: [any Reloadable] { rules.map { [$0] } ?? [] }

    /// The policy as of now; nil until the namespaces are known: one of them may want its profiles kept longer.
    var policy: RetentionPolicy? {
        guard namespaces?.synced != false else { return nil }
        var policy = RetentionPolicy(options.fallback, rules: rules?.value ?? [])
        for namespace in namespaces?.elements ?? [] {
            if let lifetime = lifetime(of: namespace) { policy.namespaces[namespace.name] = lifetime }
        }
        return policy
    }

    /// What a namespace says. What can't be read keeps everything, and is told: whoever wrote it meant something else than the default.
    private func lifetime(of namespace: KubeNamespace) -> RetentionPolicy.Lifetime? {
        guard let text = namespace.annotations[RetentionPolicy.Lifetime.annotation] else { return nil }
        if let lifetime = RetentionPolicy.Lifetime(goDuration: text) { return lifetime }
        if told.withLockedValue({ $0.insert("\(namespace.name)=\(text)").inserted }) {
            logger.warning(
                "an annotation can't be read: the namespace's profiles are kept until it is mended",
                metadata: [
                    "namespace": "\(namespace.name)", "annotation": "\(RetentionPolicy.Lifetime.annotation)",
                    "value": "\(text.prefix(64))", "fault": "\(RetentionPolicy.Lifetime.accepted)",
                ])
        }
        return .forever
    }
}
