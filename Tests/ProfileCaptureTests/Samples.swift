import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOPosix
import Pprof
import ProfileStore
import TestSupport

@testable import ProfileCapture

extension Pod {
    /// A running pod on loopback; `annotations` without their prefix.
    static func sample(
        _ name: String = "web-1", namespace: String = "shop", annotations: [String: String] = ["enable": "true"],
        labels: [String: String] = ["app": "web"], address: String? = "127.0.0.1",
        containers: [Container] = [Container(name: "app")], isRunning: Bool = true, isReady: Bool = true,
        workload: Workload? = nil
    ) -> Pod {
        Pod(
            key: ObjectKey(namespace: namespace, name: name), uid: "uid-\(name)",
            labels: Labels(labels.map { ($0.key, $0.value) }),
            annotations: Dictionary(
                uniqueKeysWithValues: annotations.map { (PodAnnotations.prefix + $0.key, $0.value) }),
            nodeName: "node-1", address: address, containers: containers, isRunning: isRunning, isReady: isReady,
            workload: workload)
    }
}

/// Pods that a test may change.
final class SamplePods: PodSource {
    private let box: NIOLockedValueBox<Result<[Pod], CaptureError>>

    init(_ pods: [Pod]) { box = NIOLockedValueBox(.success(pods)) }

    func set(_ pods: [Pod]) { box.withLockedValue { $0 = .success(pods) } }
    func fail(_ error: CaptureError) { box.withLockedValue { $0 = .failure(error) } }

    func pods(in namespace: String) async throws(CaptureError) -> [Pod] {
        try box.withLockedValue { $0 }.get().filter { $0.key.namespace == namespace }
    }
}

/// Keeps profiles, and refuses those of the pods it is told to.
final class SampleSink: ProfileSink {
    private let stored = NIOLockedValueBox<[CapturedProfile]>([])
    let refusedPods: Set<String>

    init(refusing pods: Set<String> = []) { refusedPods = pods }

    var profiles: [CapturedProfile] { stored.withLockedValue { $0 } }

    func store(_ profile: CapturedProfile) async throws(CaptureError) -> String {
        guard !refusedPods.contains(profile.target.pod.key.name) else {
            throw CaptureError(.storeUnavailable, "the disk is full")
        }
        return stored.withLockedValue { stored in
            stored.append(profile)
            return "profile-\(stored.count)"
        }
    }
}

/// Keeps what is reported; says that the capture is gone after so many reports.
final class SampleObserver: CaptureObserver {
    private let reports = NIOLockedValueBox<[CaptureProgress]>([])
    private let goneAfter: Int

    init(goneAfter: Int = .max) { self.goneAfter = goneAfter }

    var all: [CaptureProgress] { reports.withLockedValue { $0 } }
    var last: CaptureProgress { all.last ?? CaptureProgress() }

    func captureChanged(_ job: CaptureJob, _ progress: CaptureProgress) async -> Bool {
        reports.withLockedValue { reports in
            reports.append(progress)
            return reports.count < goneAfter
        }
    }
}

/// A client of its own, shut down when the test is done.
@discardableResult
func withFetcher<T>(
    limits: DecodeLimits = .default, packed: Int = 64 << 20, connect: Duration = .seconds(30),
    grace: Duration = .seconds(120), tls: ClientTLSConfiguration = ClientTLSConfiguration(),
    _ body: (ProfileFetcher) async throws -> T
) async throws -> T {
    let client = HTTPClient(
        group: MultiThreadedEventLoopGroup.singleton, configuration: HTTPClientConfiguration(tls: tls))
    var bounds = ProfileFetcher.Limits()
    bounds.packedBytes = packed
    bounds.connect = connect
    bounds.grace = grace
    let fetcher = ProfileFetcher(client: client, decoder: ProfileDecoder(limits: limits), limits: bounds)
    do {
        let result = try await body(fetcher)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

extension CaptureSpec {
    /// Everything of `web-1` at `port`, without pauses worth waiting for.
    static func sample(
        _ target: Target = .pod("web-1"), port: Int = 6060, types: [ProfileType] = [.heap], retries: Int = 2,
        deadline: Duration = .seconds(600)
    ) -> CaptureSpec {
        CaptureSpec(
            target: target, types: types, duration: .seconds(1), endpoint: ProfilingEndpoint(port: .number(port)),
            retry: Retry(limit: retries, backoff: .seconds(5)), activeDeadline: deadline)
    }
}

extension CaptureJob {
    /// A job of namespace `shop`.
    static func sample(
        _ spec: CaptureSpec, name: String = "now", earlier: [CaptureProgress.Result] = [], startTime: Timestamp? = nil
    ) -> CaptureJob {
        CaptureJob(
            key: ObjectKey(namespace: "shop", name: name), uid: "uid-of-\(name)", spec: spec,
            requester: UserInfo(name: "alice"), startTime: startTime, earlier: earlier)
    }
}
