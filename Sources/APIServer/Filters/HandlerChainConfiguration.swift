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

    /// Whether every request has a line in the log, not only those that were slow or failed: `--log-requests`.
    public var logsEveryRequest = false
    /// The part of HTTP/2 requests whose connection is sent away, so that clients spread over replicas: `--goaway-chance`.
    public var goAwayChance = 0.0

    /// The defaults.
    public init() {}
}
