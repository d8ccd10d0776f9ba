import APIMachinery
import NIOConcurrencyHelpers
import Testing

@testable import ProfileCapture

struct TargetResolverTests {
    private func resolve(
        _ pods: [Pod], _ spec: CaptureSpec, mayReach: @escaping TargetResolver.MayReach = { _, _ in false }
    ) async throws(CaptureError) -> TargetResolver.Resolution {
        try await TargetResolver(pods: SamplePods(pods), mayReach: mayReach).resolve(
            spec, in: "shop", for: UserInfo(name: "alice"))
    }

    private func selector(_ text: String) throws -> CaptureSpec.Target { .selector(try LabelSelector(parsing: text)) }

    @Test func readyPodsComeFirstAndTheRestIsSkipped() async throws {
        let pods = [
            Pod.sample("d", isReady: false), Pod.sample("c"), Pod.sample("a", isReady: false), Pod.sample("b"),
            Pod.sample("stopped", isRunning: false), Pod.sample("other", labels: ["app": "db"]),
            Pod.sample("x", namespace: "bank"),
        ]
        var spec = CaptureSpec(target: try selector("app=web"))
        spec.maxPods = 3
        let resolution = try await resolve(pods, spec)
        #expect(resolution.targets.map(\.pod.key.name) == ["b", "c", "a"])
        #expect(resolution.selected == 4 && resolution.skipped == 1 && resolution.refused.isEmpty)
    }

    @Test func aMissingPodIsGoneAndAnEmptySelectionHasNoPods() async throws {
        await #expect(throws: CaptureError(.podGone, "")) { try await resolve([], CaptureSpec(target: .pod("web-1"))) }
        await #expect(throws: CaptureError(.podGone, "")) {
            try await resolve([.sample(namespace: "bank")], CaptureSpec(target: .pod("web-1")))
        }
        let nobody = try selector("app=nobody")
        await #expect(throws: CaptureError(.noPods, "")) { try await resolve([.sample()], CaptureSpec(target: nobody)) }
    }

    @Test func withoutOptInTheRequesterNeedsTheRightToForwardPorts() async throws {
        let asked = NIOLockedValueBox<[String]>([])
        let pods = [Pod.sample("mine", annotations: [:]), Pod.sample("theirs", annotations: [:]), Pod.sample("open")]
        let resolution = try await resolve(pods, CaptureSpec(target: try selector("app"))) { requester, pod in
            asked.withLockedValue { $0.append("\(requester.name) \(pod.namespace)/\(pod.name)") }
            return pod.name == "mine"
        }
        #expect(resolution.targets.map(\.pod.key.name) == ["mine", "open"])
        #expect(resolution.refused.map(\.pod) == ["theirs"])
        #expect(resolution.refused.first?.error.code == .forbidden)
        #expect(asked.withLockedValue { $0 } == ["alice shop/mine", "alice shop/theirs"])
    }

    @Test func oneBadPodDoesNotHideTheOthers() async throws {
        let pods = [Pod.sample("bad", annotations: ["port": "no port"]), Pod.sample("good")]
        let resolution = try await resolve(pods, CaptureSpec(target: try selector("app=web")))
        #expect(resolution.targets.map(\.pod.key.name) == ["good"])
        #expect(resolution.refused.first?.error.code == .invalidTarget)
    }
}
