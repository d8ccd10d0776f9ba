internal import APIServer
public import ArgumentParser
internal import Foundation
internal import Logging

/// `profefe-apiserver`: checks the command line, builds the server and runs it.
public struct ServerCommand: AsyncParsableCommand {
    /// Name, help and version.
    public static let configuration = CommandConfiguration(
        commandName: "profefe-apiserver",
        abstract: "Serves continuous profiles as Kubernetes resources of the group profefe.io/v1.",
        discussion: """
            Flags have the names and meanings of kube-apiserver's where it has them. Durations are written as Go does: 30s, 1m30s.
            SIGTERM and SIGINT drain and end with status 0; a second one ends at once.
            `profefe-apiserver import --help`: how the profiles of a profefe collector are copied into --data-dir.
            """,
        version: Version.text)

    @OptionGroup var options: ServerOptions

    /// The defaults, or what the command line says.
    public init() {}

    /// Status 2 for a faulty configuration, 1 for a server that could not go on.
    public func run() async throws {
        Memory.giveBack()
        var faults = Faults()
        let configuration = options.complete(&faults)
        let app: ServerApp
        do throws(ConfigurationError) {
            app = try ServerApp(configuration, after: faults, logger: Self.logger(configuration.logs))
        } catch {
            FileHandle.standardError.write(Data("profefe-apiserver: \(error)\n".utf8))
            throw ExitCode(2)
        }
        do {
            try await app.run()
        } catch {
            app.logger.critical("the server can't go on", metadata: ["error": "\(error)"])
            throw ExitCode(1)
        }
    }

    private static func logger(_ options: LogOptions.Completed) -> Logger {
        Logger(label: "profefe-apiserver") { label in
            LineLogHandler(label: label, format: options.format, level: options.level)
        }
    }
}

extension ServerCommand {
    /// Parses the command line of the process and runs it; exits with the status.
    ///
    /// `import` is no subcommand to the parser: flags of the server have the names of some of its own, and would take their values.
    public static func start() async {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.first == ImportCommand.word else { return await main() }
        await ImportCommand.main(Array(arguments.dropFirst()))
    }
}
