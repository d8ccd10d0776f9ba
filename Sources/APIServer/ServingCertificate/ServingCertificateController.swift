internal import APIMachinery
internal import Digests
internal import HTTPTransport
public import KubeClient
public import Logging
internal import NIOConcurrencyHelpers

/// Makes and renews the serving certificate in a Secret, and keeps the APIService's `caBundle` right.
///
/// Every replica reads the Secret and serves what it holds; only the one that leads writes, each time with the resourceVersion that it
/// has read, so that two that both think they lead can't undo each other.
public final class ServingCertificateController: Sendable {
    /// Where things are and what they are called.
    public struct Configuration: Sendable {
        /// Of the server, its Secret and its Lease.
        public var namespace: String
        /// The Secret's name.
        public var secret: String
        /// The APIService's name: `v1.profefe.io`.
        public var apiService: String
        /// The Service's name, while the APIService can't be asked.
        public var service: String
        /// For how long certificates are made.
        public var lifetimes = ServingCertificateLifetimes()
        /// Between two looks at the Secret and the APIService.
        public var interval = Duration.seconds(60)

        /// A configuration of its parts.
        public init(namespace: String, secret: String, apiService: String, service: String) {
            self.namespace = namespace
            self.secret = secret
            self.apiService = apiService
            self.service = service
        }
    }

    private let configuration: Configuration
    private let client: KubeClient
    private let files: ServingCertificateFiles
    private let isLeader: @Sendable () -> Bool
    private let now: @Sendable () -> Int64
    private let clock: SteadyClock
    private let logger: Logger
    /// What lies in the files; nil before the first reading.
    private let served = NIOLockedValueBox<ServingCertificatePair?>(nil)

    /// A controller that does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - isLeader: whether this replica may write.
    ///   - now: Unix seconds.
    public init(
        _ configuration: Configuration, client: KubeClient, files: ServingCertificateFiles,
        isLeader: @escaping @Sendable () -> Bool, now: @escaping @Sendable () -> Int64, clock: SteadyClock,
        logger: Logger
    ) {
        self.configuration = configuration
        self.client = client
        self.files = files
        self.isLeader = isLeader
        self.now = now
        self.clock = clock
        self.logger = logger
    }

    /// Whether the certificate of the Secret is served.
    public var hasCertificate: Bool { served.withLockedValue { $0 != nil } }

    /// Looks again and again until cancelled.
    public func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let isSettled = try await reconcile()
                failures = 0
                try await clock.sleep(for: isSettled ? configuration.interval : .seconds(1))
            } catch let error as KubeClientError where error.code == .cancelled {
                return
            } catch {
                failures += 1
                logger.error(
                    "the serving certificate can't be kept right, trying again",
                    metadata: ["object": "\(configuration.namespace)/\(configuration.secret)", "error": "\(error)"])
                try? await clock.sleep(for: .seconds(min(60, 1 << min(failures, 6))))
            }
        }
    }

    /// One look: reads, serves, and as the leader renews.
    ///
    /// - Returns: whether nothing is left to do.
    func reconcile() async throws -> Bool {
        let apiService = try await find("/apis/apiregistration.k8s.io/v1/apiservices/\(configuration.apiService)")
        let found = try await find(secretPath)
        let secret = found.flatMap(ServingCertificateSecret.init)
        if let secret { try serve(secret) }
        guard isLeader() else { return secret != nil }

        let trusted = bundle(of: apiService)
        let issue = ServingCertificateIssue(hosts: hosts(apiService), lifetimes: configuration.lifetimes, now: now())
        guard let secret else {
            try await store(try issue.first(after: served.withLockedValue { $0 }, trusted: trusted), over: found)
            return false
        }
        if let next = try issue.next(secret, trusted: trusted) {
            try await store(next, over: found)
            return false
        }
        guard let apiService, trusted != secret.bundle else { return apiService != nil }
        try await publish(secret.bundle, in: apiService)
        return false
    }

    private var secretPath: String { "/api/v1/namespaces/\(configuration.namespace)/secrets/\(configuration.secret)" }

    private func find(_ path: String) async throws(KubeClientError) -> JSONValue? {
        do throws(KubeClientError) {
            return try await client.get(path)
        } catch {
            guard error.status == 404 else { throw error }
            return nil
        }
    }

    /// The names under which kube-apiserver asks for us (`<service>.<namespace>.svc`), and those that people use.
    private func hosts(_ apiService: JSONValue?) -> [String] {
        let service = apiService?["spec"]?["service"]
        let name = service?["name"]?.stringValue ?? configuration.service
        let namespace = service?["namespace"]?.stringValue ?? configuration.namespace
        return [
            "\(name).\(namespace).svc", "\(name).\(namespace).svc.cluster.local", "\(name).\(namespace)", name,
            "localhost",
        ]
    }

    private func bundle(of apiService: JSONValue?) -> [UInt8] {
        apiService?["spec"]?["caBundle"]?.stringValue.flatMap { Base64.decode($0) } ?? []
    }

    private func serve(_ secret: ServingCertificateSecret) throws(TransportError) {
        let pair = secret.pair
        guard served.withLockedValue({ $0 != pair }) else { return }
        let facts = try CertificateFacts(pem: secret.certificate)
        guard facts.hasKey(pem: secret.key) else {
            throw TransportError(.badCertificate, "tls.key of the Secret does not belong to its tls.crt")
        }
        try files.replace(certificate: secret.certificate, key: secret.key)
        served.withLockedValue { $0 = pair }
        logger.notice(
            "serving the certificate of the Secret",
            metadata: ["until": "\(Timestamp(seconds: facts.notAfter)?.rfc3339() ?? "?")"])
    }

    private func store(_ secret: ServingCertificateSecret, over found: JSONValue?) async throws(KubeClientError) {
        var metadata = JSONObject([
            ("name", .string(configuration.secret)), ("namespace", .string(configuration.namespace)),
        ])
        if let version = found?["metadata"]?["resourceVersion"] { metadata["resourceVersion"] = version }
        let object = JSONValue.object(
            JSONObject([
                ("apiVersion", "v1"), ("kind", "Secret"), ("type", found?["type"] ?? "kubernetes.io/tls"),
                ("metadata", .object(metadata)), ("data", secret.data),
            ]))
        do throws(KubeClientError) {
            if found == nil {
                _ = try await client.create(object, at: "/api/v1/namespaces/\(configuration.namespace)/secrets")
            } else {
                _ = try await client.replace(object, at: secretPath)
            }
            logger.notice("wrote the serving certificate's Secret")
        } catch {
            // Somebody else was faster: the next look reads what they wrote.
            guard error.status == 409 else { throw error }
        }
    }

    private func publish(_ bundle: [UInt8], in apiService: JSONValue) async throws(KubeClientError) {
        let patch = JSONObject([
            (
                "spec",
                .object(JSONObject([("caBundle", .string(Base64.encode(bundle))), ("insecureSkipTLSVerify", .null)]))
            )
        ])
        do throws(KubeClientError) {
            _ = try await client.mergePatch(
                patch, at: "/apis/apiregistration.k8s.io/v1/apiservices/\(configuration.apiService)",
                resourceVersion: apiService["metadata"]?["resourceVersion"]?.stringValue)
            logger.notice("set the caBundle of the APIService", metadata: ["apiservice": "\(configuration.apiService)"])
        } catch {
            guard error.status == 409 else { throw error }
        }
    }
}
