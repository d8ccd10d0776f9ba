import Foundation
import NIOConcurrencyHelpers

/// profefe itself, with its badger storage in a directory of its own, where there is a build of it.
///
/// It is looked for in `PROFEFE_COLLECTOR_ASSETS`, else in `KUBEBUILDER_ASSETS`: a directory with `profefe`, `kprofefe` and
/// `kubectl-profefe`.
public final class RealCollector: Sendable {
    /// Where the programs are looked for.
    public static let directory: String? = {
        let environment = ProcessInfo.processInfo.environment
        return environment["PROFEFE_COLLECTOR_ASSETS"] ?? environment["KUBEBUILDER_ASSETS"]
    }()

    /// One of the programs; nil where it isn't.
    public static func program(_ name: String) -> Tool? {
        guard let directory else { return nil }
        let url = URL(fileURLWithPath: directory).appendingPathComponent(name)
        return FileManager.default.isExecutableFile(atPath: url.path) ? Tool(at: url) : nil
    }

    /// Whether there is a collector to run.
    public static var isPresent: Bool { program("profefe") != nil }

    /// Where it listens; the same after a restart.
    public let port: Int
    /// `http://127.0.0.1:<port>`
    public var url: String { "http://127.0.0.1:\(port)" }
    private let directory: TemporaryDirectory
    private let program: NIOLockedValueBox<GuardedProgram>

    private init(port: Int, _ directory: TemporaryDirectory, _ program: GuardedProgram) {
        self.port = port
        self.directory = directory
        self.program = NIOLockedValueBox(program)
    }

    /// Starts it, gives it to `body`, and ends it whatever `body` does.
    public static func with<R>(_ body: (RealCollector) async throws -> R) async throws -> R {
        let directory = try TemporaryDirectory("profefe")
        let port = try FreePort.find()
        let collector = RealCollector(port: port, directory, try await launch(port, directory))
        do {
            let result = try await body(collector)
            await collector.kill()
            return result
        } catch {
            await collector.kill()
            throw error
        }
    }

    private static func launch(_ port: Int, _ directory: TemporaryDirectory) async throws -> GuardedProgram {
        guard let tool = program("profefe") else {
            throw Trouble("there is no profefe in \(Self.directory ?? "nowhere")")
        }
        let program = try await GuardedProgram.start(
            tool,
            [
                "-addr", "127.0.0.1:\(port)", "-storage-type", "badger", "-badger.dir", directory.path("badger"),
                "-log.level", "info",
            ], directory: directory.url)
        do {
            try await eventually("profefe answers at port \(port)") {
                let status = try await Tool.curl.run(
                    ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:\(port)/api/0/version"]
                ).text
                return status == "200"
            }
            return program
        } catch {
            await program.stop()
            throw error
        }
    }

    /// Ends it at once, as a node that is gone does.
    public func kill() async { await program.withLockedValue { $0 }.stop() }

    /// Starts it again with what it has kept.
    public func restart() async throws {
        await kill()
        let next = try await Self.launch(port, directory)
        program.withLockedValue { $0 = next }
    }
}
