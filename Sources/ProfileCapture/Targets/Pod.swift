public import APIMachinery

/// What a capture needs to know of a pod: where it runs, what it listens on, what its annotations ask for.
public struct Pod: Sendable, Equatable {
    /// One container with the ports that it declares.
    public struct Container: Sendable, Equatable {
        /// The container's name.
        public var name: String
        /// Its ports, in manifest order.
        public var ports: [Port]
        /// A container that declares `ports`.
        public init(name: String, ports: [Port] = []) {
            self.name = name
            self.ports = ports
        }
    }

    /// One entry of `containers[].ports`.
    public struct Port: Sendable, Equatable {
        /// The port's name; empty where it has none.
        public var name: String
        /// 1 to 65535.
        public var number: Int
        /// A port, named or not.
        public init(name: String = "", number: Int) {
            self.name = name
            self.number = number
        }
    }

    /// The object that manages the pod, as people know it (a Deployment, not its ReplicaSet).
    public struct Workload: Sendable, Equatable {
        /// `Deployment`, `StatefulSet`, …
        public var kind: String
        /// The workload's name.
        public var name: String
        /// A workload.
        public init(kind: String, name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// Namespace and name.
    public var key: ObjectKey
    /// `metadata.uid`; empty if the source has none.
    public var uid: String
    /// `metadata.labels`.
    public var labels: Labels
    /// `metadata.annotations`.
    public var annotations: [String: String]
    /// `spec.nodeName`; empty before scheduling.
    public var nodeName: String
    /// `status.podIP`; nil before the pod has one.
    public var address: String?
    /// `spec.containers`.
    public var containers: [Container]
    /// `status.phase` is Running and the pod is not being deleted.
    public var isRunning: Bool
    /// The condition `Ready` is True.
    public var isReady: Bool
    /// The managing workload, if it can be told.
    public var workload: Workload?

    /// A pod; what is not given is empty.
    public init(
        key: ObjectKey, uid: String = "", labels: Labels = Labels([]), annotations: [String: String] = [:],
        nodeName: String = "", address: String? = nil, containers: [Container] = [], isRunning: Bool = true,
        isReady: Bool = true, workload: Workload? = nil
    ) {
        self.key = key
        self.uid = uid
        self.labels = labels
        self.annotations = annotations
        self.nodeName = nodeName
        self.address = address
        self.containers = containers
        self.isRunning = isRunning
        self.isReady = isReady
        self.workload = workload
    }
}

/// Where pods come from: manifest files in standalone mode, kube-apiserver otherwise.
public protocol PodSource: Sendable {
    /// One pod as last known; nil if there is none of that name.
    ///
    /// - Throws: ``CaptureError`` if nothing can be said about it now.
    func pod(_ key: ObjectKey) async throws(CaptureError) -> Pod?

    /// The pods of `namespace` as last known, in any order.
    ///
    /// - Throws: ``CaptureError`` if nothing can be said about the namespace now (not: if it is empty).
    func pods(in namespace: String) async throws(CaptureError) -> [Pod]
}

extension PodSource {
    /// For sources that have all pods at hand.
    public func pod(_ key: ObjectKey) async throws(CaptureError) -> Pod? {
        try await pods(in: key.namespace).first { $0.key == key }
    }
}
