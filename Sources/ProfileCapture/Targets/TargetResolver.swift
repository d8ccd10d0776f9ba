public import APIMachinery

/// Finds the pods that a capture may and can profile.
public struct TargetResolver: Sendable {
    /// Whether the requester may reach a pod that its owner has not opted in: the right `create pods/portforward` on it.
    public typealias MayReach = @Sendable (_ requester: UserInfo, _ pod: ObjectKey) async -> Bool

    /// What resolving found: targets to profile, and pods that can't be, with the reason.
    public struct Resolution: Sendable {
        /// Ready pods first, then by name; at most `maxPods`.
        public var targets: [CaptureTarget] = []
        /// Chosen pods that can't be profiled.
        public var refused: [(pod: String, uid: String, error: CaptureError)] = []
        /// How many pods the target names.
        public var selected = 0
        /// How many of them were left out because of `maxPods`.
        public var skipped = 0
    }

    private let pods: any PodSource
    private let mayReach: MayReach

    /// - Parameters:
    ///   - pods: the pods that there are.
    ///   - mayReach: asked for pods without opt-in only.
    public init(pods: any PodSource, mayReach: @escaping MayReach) {
        self.pods = pods
        self.mayReach = mayReach
    }

    /// The targets of `spec` in `namespace`.
    ///
    /// - Throws: ``CaptureError`` `podGone` if the named pod does not exist, `noPods` if the selector matches none.
    public func resolve(_ spec: CaptureSpec, in namespace: String, for requester: UserInfo) async throws(CaptureError)
        -> Resolution
    {
        let chosen = try await choose(spec.target, in: namespace)
        var resolution = Resolution()
        resolution.selected = chosen.count
        resolution.skipped = max(0, chosen.count - spec.maxPods)
        for pod in chosen.prefix(spec.maxPods) {
            do throws(CaptureError) {
                let target = try CaptureTarget(pod, spec)
                if !target.isOptedIn, await !mayReach(requester, pod.key) {
                    throw Self.forbidden(pod.key, requester)
                }
                resolution.targets.append(target)
            } catch {
                resolution.refused.append((pod.key.name, pod.uid, error))
            }
        }
        return resolution
    }

    private func choose(_ target: CaptureSpec.Target, in namespace: String) async throws(CaptureError) -> [Pod] {
        switch target {
        case .pod(let name):
            guard let pod = try await pods.pod(ObjectKey(namespace: namespace, name: name)) else {
                throw CaptureError(.podGone, "pod \"\(name)\" not found in namespace \"\(namespace)\"")
            }
            return [pod]
        case .selector(let selector):
            let matching = try await pods.pods(in: namespace).filter { $0.isRunning && selector.matches($0.labels) }
            guard !matching.isEmpty else {
                throw CaptureError(.noPods, "no running pod in namespace \"\(namespace)\" matches the selector")
            }
            return matching.sorted { ($0.isReady ? 0 : 1, $0.key.name) < ($1.isReady ? 0 : 1, $1.key.name) }
        }
    }

    private static func forbidden(_ pod: ObjectKey, _ requester: UserInfo) -> CaptureError {
        CaptureError(
            .forbidden,
            "user \"\(requester.name)\" cannot create pods/portforward for pod \"\(pod.name)\" in namespace "
                + "\"\(pod.namespace)\", and the pod is not annotated \(PodAnnotations.prefix)enable: \"true\" for this endpoint"
        )
    }
}
