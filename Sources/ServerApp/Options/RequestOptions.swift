public import ArgumentParser

/// How many requests at a time, and for how long.
public struct RequestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Reading requests at a time; beyond it 429. Watches and the group system:masters don't count. 0: no limit.",
            valueName: "int"))
    var maxRequestsInflight = "400"

    @Option(help: ArgumentHelp("Writing requests at a time; beyond it 429. 0: no limit.", valueName: "int"))
    var maxMutatingRequestsInflight = "200"

    @Option(
        help: ArgumentHelp(
            "How long a request may take before it is answered 504; watches are exempt.", valueName: "duration"))
    var requestTimeout = "1m0s"

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var readOnlyInFlight: Int
        var mutatingInFlight: Int
        var timeout: Duration
    }

    func complete(_ faults: inout Faults) -> Completed {
        Completed(
            readOnlyInFlight: faults.integer("--max-requests-inflight", maxRequestsInflight, in: 0...1_000_000),
            mutatingInFlight: faults.integer(
                "--max-mutating-requests-inflight", maxMutatingRequestsInflight, in: 0...1_000_000),
            timeout: faults.duration("--request-timeout", requestTimeout, in: .seconds(1)...Duration.seconds(3600)))
    }
}
