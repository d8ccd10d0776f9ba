public import APIMachinery
public import Logging
import NIOConcurrencyHelpers
import NIOHTTP1

/// Takes and keeps a Lease, so that one of several processes does what must be done once.
///
/// As client-go: a lease whose renewal hasn't been *seen* for its duration may be taken; the times written in it are for people, so clocks
/// of other machines may be wrong. A leader that can't renew for ``LeaderElectionTiming/renewDeadline`` steps down, before others can
/// take over.
public final class LeaderElector: Sendable {
    private struct State {
        /// The lease as it was last seen, and since when it has been like that.
        var lease: JSONValue?
        var seen = Duration.zero
        /// When the last renewal that succeeded was begun.
        var renewed: Duration?
    }

    private let client: KubeClient
    private let lease: LeaderElectionLease
    private let timing: LeaderElectionTiming
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    /// Makes an elector that does nothing before ``run(_:)``.
    ///
    /// - Parameter now: the time of day, for the times written into the lease.
    public init(
        client: KubeClient, lease: LeaderElectionLease, timing: LeaderElectionTiming = LeaderElectionTiming(),
        now: @escaping @Sendable () -> Timestamp = { .now() }, logger: Logger
    ) {
        self.client = client
        self.lease = lease
        self.timing = timing
        self.now = now
        self.logger = logger
    }

    /// Whether we lead, by what is known now: false too when the process was stopped for so long that others may lead already.
    public var isLeader: Bool {
        guard let renewed = state.withLockedValue({ $0.renewed }) else { return false }
        return client.clock.now - renewed < timing.leaseDuration
    }

    /// Who held the lease when it was last seen; empty if nobody did.
    public var holder: String { LeaseRecord(state.withLockedValue { $0.lease } ?? [:]).holder }

    /// Runs until the task is cancelled, and calls `lead` whenever we become the leader.
    ///
    /// `lead` is cancelled when the lead is lost, and must end soon then; if it ends by itself the lead is kept. On cancellation the lease is
    /// given back, so that others need not wait.
    public func run(_ lead: @escaping @Sendable () async -> Void) async {
        while !Task.isCancelled {
            guard await acquire() else { break }
            logger.notice("leading", metadata: metadata)
            await withTaskGroup { group in
                group.addTask { await lead() }
                await renewUntilLost()
                group.cancelAll()
            }
        }
        if isLeader { await release() }
        state.withLockedValue { $0.renewed = nil }
    }

    private var metadata: Logger.Metadata {
        ["lease": "\(lease.namespace)/\(lease.name)", "identity": "\(lease.identity)"]
    }

    // MARK: taking and keeping

    /// False when the task is cancelled.
    private func acquire() async -> Bool {
        while !Task.isCancelled {
            if await tries() { return true }
            let pause = timing.retryPeriod * (1 + 1.2 * client.random())
            do throws(KubeClientError) { try await client.clock.sleep(for: pause) } catch { return false }
        }
        return false
    }

    private func renewUntilLost() async {
        while !Task.isCancelled {
            let renewed = state.withLockedValue { $0.renewed } ?? .zero
            let end = renewed + timing.renewDeadline
            let pause = min(timing.retryPeriod, end - client.clock.now)
            if pause > .zero {
                do throws(KubeClientError) { try await client.clock.sleep(for: pause) } catch { return }
            }
            guard client.clock.now < end else { return stepDown() }
            _ = await tries(until: end)
            // Whoever took it has it.
            if state.withLockedValue({ $0.renewed }) == nil { return }
        }
    }

    private func stepDown() {
        logger.warning("the lease couldn't be renewed in time: stepping down", metadata: metadata)
        state.withLockedValue { $0.renewed = nil }
    }

    /// One try that ends at `end` even if kube-apiserver hangs.
    private func tries(until end: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.tries() }
            group.addTask {
                try? await self.client.clock.sleep(for: end - self.client.clock.now)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    /// One try to take or renew the lease; whether it is ours.
    private func tries() async -> Bool {
        do throws(KubeClientError) {
            return try await takeOrRenew()
        } catch {
            if error.code != .cancelled {
                logger.warning("no answer about the lease", metadata: metadata.merging(["failure": "\(error)"]) { $1 })
            }
            return false
        }
    }

    private func takeOrRenew() async throws(KubeClientError) -> Bool {
        let begin = client.clock.now
        // A leader needs no look at the lease: if somebody else wrote, the version tells.
        let known = state.withLockedValue { $0.renewed == nil ? nil : $0.lease }
        if let known, LeaseRecord(known).holder == lease.identity, try await write(over: known, begin) { return true }
        guard let found = try await read() else { return try await create(begin) }
        let (record, seen) = observe(found, at: begin)
        if record.holder != lease.identity {
            state.withLockedValue { $0.renewed = nil }
            guard record.holder.isEmpty || begin - seen >= record.duration else { return false }
        }
        return try await write(over: found, begin)
    }

    /// Remembers the lease; since when it has been as it is.
    private func observe(_ found: JSONValue, at moment: Duration) -> (LeaseRecord, seen: Duration) {
        let record = LeaseRecord(found)
        let seen = state.withLockedValue { state in
            if state.lease.map(LeaseRecord.init) != record { state.seen = moment }
            state.lease = found
            return state.seen
        }
        return (record, seen)
    }

    // MARK: requests

    private var collection: String { "/apis/coordination.k8s.io/v1/namespaces/\(lease.namespace)/leases" }
    private var path: String { "\(collection)/\(lease.name)" }

    private func read() async throws(KubeClientError) -> JSONValue? {
        do throws(KubeClientError) {
            return try await client.send(request(.GET, path))
        } catch {
            if error.status == 404 { return nil }
            throw error
        }
    }

    private func create(_ begin: Duration) async throws(KubeClientError) -> Bool {
        let new: JSONValue = [
            "kind": "Lease", "apiVersion": "coordination.k8s.io/v1",
            "metadata": ["name": .string(lease.name), "namespace": .string(lease.namespace)],
            "spec": .object(spec(over: [:])),
        ]
        return try await store(request(.POST, collection, new), begin)
    }

    /// False if somebody else wrote meanwhile.
    private func write(over found: JSONValue, _ begin: Duration) async throws(KubeClientError) -> Bool {
        var new = found.objectValue ?? JSONObject()
        new["spec"] = .object(spec(over: found))
        return try await store(request(.PUT, path, .object(new)), begin)
    }

    private func store(_ request: KubeRequest, _ begin: Duration) async throws(KubeClientError) -> Bool {
        do throws(KubeClientError) {
            let stored = try await client.send(request)
            state.withLockedValue { $0 = State(lease: stored, seen: begin, renewed: begin) }
            return true
        } catch {
            if error.status == 409 { return false }
            throw error
        }
    }

    /// The lease as ours, renewed now.
    private func spec(over found: JSONValue) -> JSONObject {
        let moment = JSONValue.string(now().rfc3339(fraction: .micro))
        let record = LeaseRecord(found)
        var spec = found["spec"]?.objectValue ?? JSONObject()
        if record.holder != lease.identity {
            spec["acquireTime"] = moment
            spec["leaseTransitions"] = .integer(found["spec"] == nil ? 0 : record.transitions &+ 1)
        }
        spec["holderIdentity"] = .string(lease.identity)
        spec["leaseDurationSeconds"] = .integer(timing.leaseDuration.components.seconds)
        spec["renewTime"] = moment
        return spec
    }

    /// Gives the lease back, as well as that goes.
    private func release() async {
        guard let found = state.withLockedValue({ $0.lease }) else { return }
        var new = found.objectValue ?? JSONObject()
        var spec = spec(over: found)
        spec["holderIdentity"] = ""
        spec["leaseDurationSeconds"] = 1
        new["spec"] = .object(spec)
        let request = request(.PUT, path, .object(new))
        // The task is cancelled already, and this must go out nevertheless.
        let sent = Task { [client] in _ = try? await client.send(request) }
        await sent.value
    }

    private func request(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) -> KubeRequest {
        KubeRequest(
            method: method, path: path, body: body, purpose: .lease, deadline: timing.renewDeadline / 2,
            retries: .never)
    }
}

/// What of a Lease decides who leads. Two are equal if nobody wrote in between.
struct LeaseRecord: Sendable, Hashable {
    /// `spec.holderIdentity`; empty is nobody.
    var holder: String
    /// `spec.leaseDurationSeconds`.
    var duration: Duration
    /// `spec.leaseTransitions`.
    var transitions: Int64
    private var renewTime: String
    private var version: String

    init(_ lease: JSONValue) {
        let spec = lease["spec"]
        holder = spec?["holderIdentity"]?.stringValue ?? ""
        duration = .seconds(min(max(spec?["leaseDurationSeconds"]?.integerValue ?? 0, 0), 86_400))
        transitions = spec?["leaseTransitions"]?.integerValue ?? 0
        renewTime = spec?["renewTime"]?.stringValue ?? ""
        version = lease["metadata"]?["resourceVersion"]?.stringValue ?? ""
    }
}
