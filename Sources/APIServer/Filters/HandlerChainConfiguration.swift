/// The limits of the chain; defaults are kube-apiserver's (conformance 14).
public struct HandlerChainConfiguration: Sendable {
    /// How long a request may take from its receipt, if it isn't long-running: `--request-timeout`.
    public var requestTimeout: Duration = .seconds(60)
    /// The same for requests that change something: it must end before kube-apiserver's 60 seconds do.
    public var mutatingRequestTimeout: Duration = .seconds(34)
    /// How many requests that only read may be answered at a time; 0 is no limit: `--max-requests-inflight`.
    public var maxRequestsInFlight = 400
    /// How many that change something; 0 is no limit: `--max-mutating-requests-inflight`.
    public var maxMutatingRequestsInFlight = 200
    /// From which latency on a request is logged, long-running ones excepted.
    public var slowRequestThreshold: Duration = .seconds(1)

    /// The defaults.
    public init() {}
}
