internal import APIMachinery
internal import APIServer
public import ArgumentParser
internal import Foundation
internal import HTTPTransport
internal import Logging
internal import NIOPosix
internal import ProfefeCollector
internal import ProfileStore
internal import ProfilesAPI

/// `profefe-apiserver import`: copies the profiles of a profefe collector into the data directory of a server that isn't running.
public struct ImportCommand: AsyncParsableCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "profefe-apiserver import",
        abstract: "Copies the profiles of a profefe collector into --data-dir, while no server runs there.",
        discussion: """
            Ids, times, labels and bytes stay as they are. What is there already is passed over: an import that was cut short goes on where it
            was, and another one takes what has come since. The collector keeps everything and may be in use.
            Status 0: all was copied; 3: all but some profiles, which are told; 1: it could not go on, do the same again; 2: faulty flags.
            """)

    @Option(help: ArgumentHelp("The collector, what is before /api/0: http://collector:10100.", valueName: "url"))
    var from: String

    @Option(
        help: ArgumentHelp(
            "PEM file of the CAs that the collector's certificate is believed by. Default: the system's roots.",
            valueName: "file"))
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "Directory of the embedded store; made if it does not exist. No server may run there meanwhile.",
            valueName: "dir"))
    var dataDir: String

    @Option(
        help: ArgumentHelp(
            "Namespace of profiles whose label namespace is missing, comes twice, or is no name of a namespace.",
            valueName: "namespace"))
    var unscopedNamespace = "default"

    @Option(help: ArgumentHelp("Only the profiles of this service; may be repeated.", valueName: "service"))
    var service: [String] = []

    @Option(help: ArgumentHelp("Profiles that are read at a time.", valueName: "int"))
    var parallel = "8"

    /// The first word of its command line.
    static let word = "import"

    /// As the command line says.
    public init() {}

    /// Ends with the status that its help tells.
    public func run() async throws {
        let options: Completed
        do throws(ConfigurationError) {
            options = try complete()
        } catch {
            Self.say("\(error)")
            throw ExitCode(2)
        }
        let logger = Logger(label: "profefe-apiserver") { label in
            LineLogHandler(label: label, format: .text, level: .warning)
        }
        let display = ImportDisplay(isTerminal: isatty(STDERR_FILENO) == 1) { Self.write($0) }
        do {
            let summary = try await copy(options, logger, display)
            display.end(summary)
            if summary.refusedCount > 0 { throw ExitCode(3) }
        } catch let error as ExitCode {
            throw error
        } catch {
            display.interrupt()
            Self.say("\(error)\nWhat was copied stays; do the same again and it goes on from there.")
            throw ExitCode(1)
        }
    }

    /// The flags as values.
    struct Completed: Sendable {
        var address: CollectorAddress
        var tls: ClientTLSConfiguration
        var directory: String
        var configuration: CollectorImport.Configuration
    }

    /// - Throws: every fault.
    func complete() throws(ConfigurationError) -> Completed {
        var faults = Faults()
        var configuration = CollectorImport.Configuration()
        configuration.services = service
        configuration.unscopedNamespace = unscopedNamespace
        configuration.parallel = faults.integer("--parallel", parallel, in: 1...64)
        if let fault = Names.dns1123Label(unscopedNamespace).first { faults.add("--unscoped-namespace", fault) }
        let address = CollectorAddress(url: from)
        if address == nil {
            faults.add(
                "--from", "\"\(from)\" is no URL such as http://collector:10100, without user, query and fragment")
        }
        var tls = ClientTLSConfiguration()
        if let caFile { tls.trust = .authorities(.file(faults.readable("--ca-file", caFile))) }
        guard faults.messages.isEmpty, let address else { throw ConfigurationError(messages: faults.messages) }
        return Completed(address: address, tls: tls, directory: dataDir, configuration: configuration)
    }

    private func copy(
        _ options: Completed, _ logger: Logger, _ display: ImportDisplay
    ) async throws -> CollectorImport.Progress {
        let store = try EmbeddedStore(
            configuration: EmbeddedStoreConfiguration(directory: options.directory), logger: logger)
        var limits = CollectorClient.Limits()
        limits.transfers = max(limits.transfers, options.configuration.parallel)
        let client = CollectorClient(
            options.address, tls: options.tls, limits: limits, group: MultiThreadedEventLoopGroup.singleton)
        do {
            let summary = try await CollectorImport(from: client, into: store, options.configuration).run {
                display.show($0)
            }
            await client.shutdown()
            await store.close()
            return summary
        } catch {
            await client.shutdown()
            await store.close()
            throw error
        }
    }

    private static func say(_ text: String) { write("profefe-apiserver import: \(text)\n") }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
