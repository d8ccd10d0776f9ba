public import APIMachinery
import Digests
import HTTPTransport
public import Logging
import NIOConcurrencyHelpers
import NIOCore

/// A kube-apiserver for tests: a real ``HTTPServer`` on loopback, the objects in memory.
///
/// It serves the resources of ``FakeKubeResource/standard`` under a kube-apiserver's rules (get, list with pages and selectors, create,
/// update and merge patch with their preconditions, delete, watch with bookmarks and 410), answers TokenReviews from a table and
/// SubjectAccessReviews from rules, keeps every request, and fails as it is told.
public final class FakeKubeAPI: Sendable {
    struct State {
        var store: FakeKubeStore
        var users: [String: FakeKubeUser] = [:]
        var callers: Set<String>?
        var access: @Sendable (JSONValue) -> FakeKubeAccess = { _ in .deny }
        var faults: [FakeKubeFaultRule] = []
        var requests: [FakeKubeRequest] = []
        var watchers: [Int: FakeKubeWatcher] = [:]
        var nextWatcher = 0
        var pagesFromCache = false
        var changes = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var server: HTTPServer?
    }

    /// The port it listens on, the same after ``comeBack()``.
    public let port: Int
    /// Its certificates; nil where it speaks plain HTTP.
    public let certificates: TestCertificates?
    let state: NIOLockedValueBox<State>
    private let logger: Logger

    private init(port: Int, certificates: TestCertificates?, state: NIOLockedValueBox<State>, logger: Logger) {
        self.port = port
        self.certificates = certificates
        self.state = state
        self.logger = logger
    }

    // MARK: coming and going

    /// Starts one, with the namespaces `default` and `kube-system`.
    ///
    /// - Parameter certificates: nil speaks plain HTTP.
    public static func start(
        certificates: TestCertificates? = nil, resources: [FakeKubeResource] = FakeKubeResource.standard,
        logger: Logger = .silent
    ) async throws -> FakeKubeAPI {
        let state = NIOLockedValueBox(State(store: FakeKubeStore(resources)))
        let (server, port) = try await listen(port: 0, certificates, state, logger)
        state.withLockedValue { $0.server = server }
        let api = FakeKubeAPI(port: port, certificates: certificates, state: state, logger: logger)
        for namespace in ["default", "kube-system"] { try api.putNamespace(namespace) }
        return api
    }

    /// Starts one, gives it to `body` and ends it whatever `body` does.
    public static func with<R>(
        certificates: TestCertificates? = nil, resources: [FakeKubeResource] = FakeKubeResource.standard,
        logger: Logger = .silent, _ body: (FakeKubeAPI) async throws -> R
    ) async throws -> R {
        let api = try await start(certificates: certificates, resources: resources, logger: logger)
        do {
            let result = try await body(api)
            await api.goAway()
            return result
        } catch {
            await api.goAway()
            throw error
        }
    }

    private static func listen(
        port: Int, _ certificates: TestCertificates?, _ state: NIOLockedValueBox<State>, _ logger: Logger
    ) async throws -> (HTTPServer, Int) {
        let tls = certificates.map {
            TLSConfiguration(certificateFile: $0.server.certificateFile, privateKeyFile: $0.server.keyFile)
        }
        var configuration = ServerConfiguration(port: port, tls: tls)
        configuration.eventLoopCount = 1
        let server = HTTPServer(configuration: configuration, handler: FakeKubeHandler(state: state), logger: logger)
        let address = try await server.start()
        return (server, address.port ?? 0)
    }

    /// Ends all connections and stops listening; the objects stay.
    public func goAway() async {
        let server = state.withLockedValue { state in
            for watcher in state.watchers.values { watcher.signals.finish() }
            state.watchers = [:]
            return state.server.take()
        }
        await server?.shutdown(delay: .zero, goAwayInterval: .zero, drain: .zero)
    }

    /// Listens again, on the same port.
    public func comeBack() async throws {
        let (server, _) = try await Self.listen(port: port, certificates, state, logger)
        state.withLockedValue { $0.server = server }
    }

    /// `http://127.0.0.1:<port>`, or `https://localhost:<port>`.
    public var url: String { certificates == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)" }

    /// A kubeconfig that leads here.
    ///
    /// - Parameters:
    ///   - token: the bearer token; nil sends none.
    ///   - client: the client's certificate.
    public func kubeconfig(token: String? = nil, client: TestCertificates.Pair? = nil, namespace: String = "") -> String
    {
        var cluster = "server: \(url)"
        if let certificates {
            cluster += "\n    certificate-authority-data: \(Base64.encode(certificates.authority.certificatePEM))"
        }
        var user: [String] = []
        if let token { user.append("token: \(token)") }
        if let client {
            user.append("client-certificate: \(client.certificateFile)")
            user.append("client-key: \(client.keyFile)")
        }
        let context = namespace.isEmpty ? "" : ", namespace: \(namespace)"
        return """
            apiVersion: v1
            kind: Config
            clusters:
            - name: fake
              cluster:
                \(cluster.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n    "))
            users:
            - name: tester
              user: {\(user.joined(separator: ", "))}
            contexts:
            - name: fake
              context: {cluster: fake, user: tester\(context)}
            current-context: fake

            """
    }

    // MARK: what it says

    /// Whom tokens belong to, by the token: the table of TokenReviews.
    public var users: [String: FakeKubeUser] {
        get { state.withLockedValue { $0.users } }
        set { state.withLockedValue { $0.users = newValue } }
    }

    /// The bearer tokens that callers of this API may have; others get 401. Nil, the default, takes everyone.
    public var callers: Set<String>? {
        get { state.withLockedValue { $0.callers } }
        set { state.withLockedValue { $0.callers = newValue } }
    }

    /// Answers SubjectAccessReviews: gets the `spec`. The default denies.
    public func decide(_ access: @escaping @Sendable (JSONValue) -> FakeKubeAccess) {
        state.withLockedValue { $0.access = access }
    }

    /// Answers SubjectAccessReviews by rules: what none of them allows is not allowed.
    public func allow(_ rules: FakeKubeRule...) {
        decide { spec in rules.contains { $0.allows(spec) } ? .allow : .deny }
    }

    /// Whether lists with `resourceVersion=0` come in pages too; a real one, whose cache answers them, sends all at once.
    public var pagesFromCache: Bool {
        get { state.withLockedValue { $0.pagesFromCache } }
        set { state.withLockedValue { $0.pagesFromCache = newValue } }
    }

    // MARK: faults

    /// From now on requests fail by this rule; the first rule that matches counts.
    public func fail(_ rule: FakeKubeFaultRule) { state.withLockedValue { $0.faults.append(rule) } }

    /// All rules are forgotten. What hangs already hangs on.
    public func heal() { state.withLockedValue { $0.faults = [] } }
}

extension FakeKubeAPI {
    // MARK: what was asked

    /// Every request so far, in order.
    public var requests: [FakeKubeRequest] { state.withLockedValue { $0.requests } }

    /// How many requests there were of this method (nil: all) to this path (nil: all).
    public func count(_ method: String? = nil, _ path: String? = nil, watch: Bool? = nil) -> Int {
        requests.count { request in
            (method == nil || request.method == method) && (path == nil || request.path == path)
                && (watch == nil || request.isWatch == watch)
        }
    }

    /// The `spec` of every SubjectAccessReview asked, in order.
    public var accessReviews: [JSONValue] { specs("/apis/authorization.k8s.io/v1/subjectaccessreviews") }
    /// The `spec` of every TokenReview asked, in order.
    public var tokenReviews: [JSONValue] { specs("/apis/authentication.k8s.io/v1/tokenreviews") }

    private func specs(_ path: String) -> [JSONValue] {
        requests.filter { $0.path == path }.compactMap { $0.body?["spec"] }
    }

    /// How many watches are open.
    public var watchCount: Int { state.withLockedValue { $0.watchers.count } }

    /// Returns once `condition` holds; it is looked at after every request, write, and opened or ended watch.
    public func wait(until condition: (FakeKubeAPI) -> Bool) async {
        while true {
            let before = state.withLockedValue { $0.changes }
            if condition(self) { return }
            await withCheckedContinuation { continuation in
                let hasChanged = state.withLockedValue { state in
                    if state.changes != before { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if hasChanged { continuation.resume() }
            }
        }
    }
}

extension NIOLockedValueBox<FakeKubeAPI.State> {
    /// Changes the state and wakes those who wait for a change.
    func change<R>(_ body: (inout FakeKubeAPI.State) throws -> R) rethrows -> R {
        let (result, waiters) = try withLockedValue { state in
            let result = try body(&state)
            state.changes += 1
            let waiters = state.waiters
            state.waiters = []
            return (result, waiters)
        }
        for waiter in waiters { waiter.resume() }
        return result
    }
}
