public import ArgumentParser

/// How clients are spread and sent away, and which requests are told of.
public struct OperationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Part of HTTP/2 requests whose connection is sent away (GOAWAY in two phases), so that clients spread over replicas: 0 (off) to 0.02; 0.001 is a start. Not for a single replica.",
            valueName: "float"))
    var goawayChance = "0"

    @Option(
        defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "After --shutdown-delay-duration go on listening until requests in progress have ended, and answer new ones 429 with Retry-After (default: false).",
            valueName: "bool"))
    var shutdownSendRetryAfter: String?

    @Option(
        help: ArgumentHelp(
            "Over how long the ends of watches are spread when the server goes away, so that not all come back at once.",
            valueName: "duration"))
    var shutdownWatchTerminationGracePeriod = "3s"

    @Option(
        defaultAsFlag: "true", parsing: .next,
        help: ArgumentHelp(
            "Log a line for every request, not only for slow and failed ones (default: false).",
            valueName: "bool"))
    var logRequests: String?

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var goAwayChance: Double
        var sendsRetryAfter: Bool
        var watchGrace: Duration
        var logsRequests: Bool
    }

    func complete(_ faults: inout Faults) -> Completed {
        Completed(
            goAwayChance: faults.fraction("--goaway-chance", goawayChance, in: 0...0.02),
            sendsRetryAfter: faults.boolean("--shutdown-send-retry-after", shutdownSendRetryAfter),
            watchGrace: faults.duration(
                "--shutdown-watch-termination-grace-period", shutdownWatchTerminationGracePeriod,
                in: .zero...Duration.seconds(3600)),
            logsRequests: faults.boolean("--log-requests", logRequests))
    }
}

extension Faults {
    /// A number within `range`, as a decimal fraction.
    mutating func fraction(_ option: String, _ text: String, in range: ClosedRange<Double>) -> Double {
        guard let value = Double(text), range.contains(value) else {
            add(option, "\"\(text)\" is not a number from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return value
    }
}
