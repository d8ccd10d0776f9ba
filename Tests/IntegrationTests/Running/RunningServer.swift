import Foundation
import Glibc
import TestSupport

/// The built `profefe-apiserver` as a process of its own, as an operator starts it.
final class RunningServer: Sendable {
    let home: ServerHome
    let port: Int
    private let program: GuardedProgram
    private let target: RunningProgram?

    var url: String { "https://127.0.0.1:\(port)" }
    var processIdentifier: pid_t { program.processIdentifier }
    /// What the server has logged so far.
    var log: String { program.log }

    private init(home: ServerHome, port: Int, program: GuardedProgram, target: RunningProgram?) {
        self.home = home
        self.port = port
        self.program = program
        self.target = target
    }

    /// Starts the server and waits until it listens.
    ///
    /// - Parameters:
    ///   - flags: beyond those of ``ServerHome/flags(data:)``; a later one wins.
    ///   - instead: all flags, in the place of those of the home.
    ///   - data: the data directory, in the home.
    ///   - ready: whether to wait for `/readyz` too.
    ///   - withTarget: starts the demo target first, and points the pod at it.
    ///   - wrapper: a command that becomes the server, such as `setpriv` with its arguments.
    ///   - binary: the server; the built one if nil.
    static func start(
        in home: ServerHome, flags: [String] = [], instead: [String]? = nil, data: String = "data", ready: Bool = true,
        withTarget: Bool = false, wrapper: [String] = [], binary: URL? = nil
    ) async throws -> RunningServer {
        let target = withTarget ? try await startTarget(home) : nil
        let program = try await GuardedProgram.start(
            Tool(at: try binary ?? BuiltPrograms.url("profefe-apiserver")),
            (instead ?? home.flags(data: data)) + flags, wrapper: wrapper, directory: home.directory.url)
        do {
            try await program.wait("a log line that says where it serves") { port(inLog: $0) != nil }
            guard let port = port(inLog: program.log) else { throw Trouble("no port: \(program.log)") }
            try home.setServer(port: port)
            let server = RunningServer(home: home, port: port, program: program, target: target)
            if ready {
                try await eventually("/readyz answers 200; the log: \(server.log.suffix(2000))") {
                    try await server.curl("/readyz", as: nil).status == 200
                }
            }
            return server
        } catch {
            await program.stop()
            await target?.stop()
            throw error
        }
    }

    private static func startTarget(_ home: ServerHome) async throws -> RunningProgram {
        let target = try Tool(at: try BuiltPrograms.url("demo-target")).start(
            ["--listen", "127.0.0.1:0", "--workers", "1"])
        var port: Int?
        try await target.wait("where it listens") { out, _ in
            port = out.split(separator: "\n").first.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
            return port != nil
        }
        guard let port else { throw Trouble("the demo target told no port") }
        try home.setTarget(port: port)
        return target
    }

    /// The port in the line `serving`, whatever the format of the log.
    private static func port(inLog log: String) -> Int? {
        guard let line = log.split(separator: "\n").first(where: { $0.contains("\"serving\"") }),
            let address = line.range(of: "127.0.0.1:")
        else { return nil }
        return Int(line[address.upperBound...].prefix { $0.isNumber })
    }

    /// Starts a server in a new home, gives it to `body`, and ends it whatever `body` does.
    static func with<R>(
        flags: [String] = [], withTarget: Bool = false, _ body: (RunningServer) async throws -> R
    ) async throws -> R {
        let home = try await ServerHome()
        defer { home.remove() }
        let server = try await start(in: home, flags: flags, withTarget: withTarget)
        return try await server.use(body)
    }

    /// Gives the server to `body` and ends it whatever `body` does.
    func use<R>(_ body: (RunningServer) async throws -> R) async throws -> R {
        do {
            let result = try await Self.$current.withValue(self) { try await body(self) }
            await stop()
            return result
        } catch {
            await stop()
            throw Trouble("\(error)\n\(logTail)")
        }
    }

    /// The server that the running test uses, for its suite and for what a failure tells.
    @TaskLocal static var current: RunningServer?

    /// The end of the log, for failures.
    var logTail: String { "the server's log ends:\n\(log.suffix(6000))" }

    /// Whether the server's process is there.
    var isRunning: Bool { program.isRunning }

    func send(_ signal: Int32) { program.send(signal) }

    /// Waits for the server's end; the status is 128 and the signal's number if a signal ended it.
    func ended(within limit: Duration = .seconds(30)) async throws -> ProgramOutput {
        try await program.output(within: limit)
    }

    /// Ends it at once, and the demo target.
    func stop() async {
        await program.stop()
        await target?.stop()
    }
}
