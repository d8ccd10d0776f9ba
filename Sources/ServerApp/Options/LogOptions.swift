internal import APIServer
public import ArgumentParser
internal import Logging

/// What is written to standard error, and how.
public struct LogOptions: ParsableArguments {
    /// The levels, by swift-log's names.
    enum Level: String, CaseIterable { case trace, debug, info, notice, warning, error, critical }

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel = "info"

    @Option(help: ArgumentHelp("text or json (one object per line).", valueName: "format"))
    var logFormat = "text"

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var level: Logger.Level
        var format: LogFormat
    }

    func complete(_ faults: inout Faults) -> Completed {
        let level = faults.choice("--log-level", logLevel, Level.info)
        return Completed(
            level: Logger.Level(rawValue: level.rawValue) ?? .info,
            format: faults.choice("--log-format", logFormat, LogFormat.text))
    }
}
