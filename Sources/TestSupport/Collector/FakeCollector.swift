import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
public import NIOHTTP1
import Pprof

/// A profefe collector on 127.0.0.1, which behaves as the real one does, its faults included (`profefe.md` 1), and worse if a test says so.
///
/// It shares no code with the client: forms are read and written here once more.
public final class FakeCollector: Sendable {
    /// Where a collector keeps its profiles; they differ in ids, limits and times.
    public enum Storage: String, Sendable, CaseIterable {
        /// Limits take the newest; labels in a search lose rows; the beginning of an id is enough.
        case badger
        /// Limits take the oldest, 100 by default; ids are keys of a bucket; times are whole seconds. GCS is the same.
        case s3
    }

    /// A request that came.
    public struct Seen: Sendable {
        /// Its method.
        public let method: HTTPMethod
        /// Path and query as sent.
        public let target: String
    }

    private struct State {
        var storage: FakeCollectorStorage
        var server: TestServer?
        var fault: (fault: FakeCollectorFault, matches: @Sendable (String) -> Bool)?
        var seen: [Seen] = []
        var count = 0
        var waiters: [(condition: @Sendable ([Seen]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// What it keeps its profiles in.
    public let storage: Storage
    /// Where it listens; the same after a restart.
    public let port: Int
    /// What it serves TLS with, by its files; nil for plain HTTP.
    private let certificate: TestCertificates.Pair?
    private let state: NIOLockedValueBox<State>
    /// Unix time, nanoseconds.
    private let now: @Sendable () -> Int64

    private init(
        _ storage: Storage, port: Int, _ certificate: TestCertificates.Pair?, now: (@Sendable () -> Int64)?
    ) {
        self.storage = storage
        self.port = port
        self.certificate = certificate
        self.now = now ?? { Timestamp.now().nanosecondsSince1970 ?? 0 }
        state = NIOLockedValueBox(State(storage: FakeCollectorStorage(storage)))
    }

    /// `http://127.0.0.1:<port>`, or `https` where it has a certificate.
    public var url: String { "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)" }

    /// Starts a collector.
    ///
    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - certificate: serves TLS as a proxy before a collector does; its files are read at each start.
    ///   - now: its time of day in nanoseconds since 1970.
    public static func start(
        _ storage: Storage = .badger, port: Int = 0, certificate: TestCertificates.Pair? = nil,
        now: (@Sendable () -> Int64)? = nil
    ) async throws -> FakeCollector {
        let box = NIOLockedValueBox<FakeCollector?>(nil)
        let server = try await serve(port: port, certificate) { box.withLockedValue { $0 } }
        let collector = FakeCollector(storage, port: server.port, certificate, now: now)
        collector.state.withLockedValue { $0.server = server }
        box.withLockedValue { $0 = collector }
        return collector
    }

    /// Starts a collector, gives it to `body`, and ends it whatever `body` does.
    public static func with<R>(
        _ storage: Storage = .badger, certificate: TestCertificates.Pair? = nil, now: (@Sendable () -> Int64)? = nil,
        _ body: (FakeCollector) async throws -> R
    ) async throws -> R {
        let collector = try await start(storage, certificate: certificate, now: now)
        do {
            let result = try await body(collector)
            await collector.stop()
            return result
        } catch {
            await collector.stop()
            throw error
        }
    }

    private static func serve(
        port: Int, _ certificate: TestCertificates.Pair?, _ collector: @escaping @Sendable () -> FakeCollector?
    ) async throws -> TestServer {
        try await TestServer.start(
            configure: {
                $0.tls = certificate.map {
                    TLSConfiguration(certificateFile: $0.certificateFile, privateKeyFile: $0.keyFile)
                }
                $0.port = port
            },
            handler: ClosureHandler { request, response in
                guard let collector = collector() else { return }
                await FakeCollectorHandler(collector: collector).handle(request, response)
            })
    }

    /// Ends it: connections are closed, nobody listens any more. What it keeps stays.
    public func stop() async {
        let server = state.withLockedValue { state in
            defer { state.server = nil }
            return state.server
        }
        await server?.stop()
    }

    /// Starts it again, on the same port, with what it has kept.
    public func restart() async throws {
        await stop()
        let server = try await Self.serve(port: port, certificate) { [weak self] in self }
        state.withLockedValue { $0.server = server }
    }

    // MARK: what it keeps

    /// A profile that doesn't say when it was taken: the parameter counts.
    public static let untimedProfile: [UInt8] = {
        var builder = ProfileBuilder()
        builder.addSampleType("objects", unit: "count")
        let main = builder.function("main.main", filename: "main.go")
        let place = builder.location(lines: [ProfileBuilder.Line(function: main, line: 1)])
        builder.addSample(stack: [place], values: [1])
        return builder.encoded()
    }()

    /// Puts a profile in, as if an agent had sent it.
    ///
    /// - Parameter createdAt: unix seconds; default now.
    @discardableResult
    public func add(
        _ service: String, _ type: String = "cpu", _ labels: [(key: String, value: String)] = [],
        createdAt: Int64? = nil, bytes: [UInt8]
    ) -> FakeCollectorRow {
        write(
            service: service, type: type, labels: FakeCollectorLabels.sorted(labels),
            createdAt: createdAt.map { $0 * 1_000_000_000 }, bytes: bytes)
    }

    func write(
        service: String, type: String, labels: [(key: String, value: String)], createdAt: Int64?, bytes: [UInt8]
    ) -> FakeCollectorRow {
        let now = now()
        return state.withLockedValue {
            $0.storage.add(
                service: service, type: type, labels: labels, createdAt: createdAt ?? now, bytes: bytes,
                now: now.quotientAndRemainder(dividingBy: 1_000_000_000).quotient)
        }
    }

    func read<R>(_ body: (FakeCollectorStorage) -> R) -> R { body(state.withLockedValue { $0.storage }) }

    /// All profiles, by xid.
    public var rows: [FakeCollectorRow] { read { $0.rows } }

    /// Forgets profiles, as when their time is over.
    public func expire(where isOver: (FakeCollectorRow) -> Bool) {
        state.withLockedValue { $0.storage.remove(where: isOver) }
    }

    // MARK: what is wrong with it

    /// From now on every request whose target matches meets this; nil ends it. Requests that hang go on hanging.
    public func set(_ fault: FakeCollectorFault?, where matches: @escaping @Sendable (String) -> Bool = { _ in true }) {
        state.withLockedValue { $0.fault = fault.map { ($0, matches) } }
    }

    /// From now on requests whose target matches wait until they are let go.
    public func hold(where matches: @escaping @Sendable (String) -> Bool) -> FakeCollectorHold {
        let hold = FakeCollectorHold()
        set(.slow { await hold.pass() }, where: matches)
        return hold
    }

    // MARK: who asks

    /// The requests so far, at most the last 10,000.
    public var seen: [Seen] { state.withLockedValue { $0.seen } }
    /// How many there were.
    public var requestCount: Int { state.withLockedValue { $0.count } }

    /// Forgets the requests so far.
    public func forgetRequests() { state.withLockedValue { $0.seen = [] } }

    /// Returns when the condition holds of the requests so far.
    public func wait(_ condition: @escaping @Sendable ([Seen]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLockedValue { state in
                if condition(state.seen) { return true }
                state.waiters.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }

    /// Notes a request; says what it meets.
    func begin(_ method: HTTPMethod, _ target: String) -> FakeCollectorFault? {
        let (fault, due) = state.withLockedValue { state in
            state.count += 1
            state.seen.append(Seen(method: method, target: target))
            if state.seen.count > 20_000 { state.seen.removeFirst(10_000) }
            let seen = state.seen
            let due = state.waiters.filter { $0.condition(seen) }
            state.waiters.removeAll { $0.condition(seen) }
            let fault = state.fault.flatMap { $0.matches(target) ? $0.fault : nil }
            return (fault, due)
        }
        for waiter in due { waiter.continuation.resume() }
        return fault
    }
}
