import Foundation
import Glibc
import TestSupport

/// The built `profefe-apiserver` as a process of its own, as an operator starts it.
///
/// A shell stands between: it kills the server when the tests' process ends, in whatever way.
final class RunningServer: Sendable {
    let home: ServerHome
    let port: Int
    let processIdentifier: pid_t
    private let program: RunningProgram
    private let target: RunningProgram?
    private let lifeline: Pipe

    var url: String { "https://127.0.0.1:\(port)" }
    /// What the server has logged so far.
    var log: String { program.printed.err }

    /// Keeps the server as long as its standard input is open.
    private static let guardian = """
        exec 3<&0; "$@" </dev/null 3<&- &
        pid=$!; echo $pid
        (read -r line <&3; kill -9 $pid) 2>/dev/null & watch=$!
        wait $pid; status=$?; kill $watch 2>/dev/null; exit $status
        """

    private init(
        home: ServerHome, port: Int, processIdentifier: pid_t, program: RunningProgram, target: RunningProgram?,
        lifeline: Pipe
    ) {
        self.home = home
        self.port = port
        self.processIdentifier = processIdentifier
        self.program = program
        self.target = target
        self.lifeline = lifeline
    }

    /// A program that dies with the tests.
    private static func guarded(_ name: String, _ arguments: [String], directory: URL) throws -> (RunningProgram, Pipe)
    {
        let lifeline = Pipe()
        let program = try Tool.sh.start(
            ["-c", guardian, name, try BuiltPrograms.url(name).path] + arguments,
            directory: directory, input: .pipe(lifeline.fileHandleForReading))
        return (program, lifeline)
    }

    /// Starts the server and waits until it listens.
    ///
    /// - Parameters:
    ///   - flags: beyond those of ``ServerHome/flags(data:)``; a later one wins.
    ///   - instead: all flags, in the place of those of the home.
    ///   - data: the data directory, in the home.
    ///   - ready: whether to wait for `/readyz` too.
    ///   - withTarget: starts the demo target first, and points the pod at it.
    static func start(
        in home: ServerHome, flags: [String] = [], instead: [String]? = nil, data: String = "data", ready: Bool = true,
        withTarget: Bool = false
    ) async throws -> RunningServer {
        let target = withTarget ? try await startTarget(home) : nil
        let (program, lifeline) = try guarded(
            "profefe-apiserver", (instead ?? home.flags(data: data)) + flags, directory: home.directory.url)
        do {
            try await program.wait("a log line that says where it serves") { _, log in port(inLog: log) != nil }
            guard let port = port(inLog: program.printed.err),
                let identifier = pid_t(String(decoding: program.printed.out.prefix { $0 != 0x0A }, as: UTF8.self))
            else { throw Trouble("no port or no pid: \(program.printed)") }
            try home.setServer(port: port)
            let server = RunningServer(
                home: home, port: port, processIdentifier: identifier, program: program, target: target,
                lifeline: lifeline)
            if ready {
                try await eventually("/readyz answers 200; the log: \(server.log.suffix(2000))") {
                    try await server.curl("/readyz", as: nil).status == 200
                }
            }
            return server
        } catch {
            try? lifeline.fileHandleForWriting.close()
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

    func send(_ signal: Int32) { kill(processIdentifier, signal) }

    /// Waits for the server's end; the status is 128 and the signal's number if a signal ended it.
    func ended(within limit: Duration = .seconds(30)) async throws -> ProgramOutput {
        do {
            return try await program.output(within: limit)
        } catch {
            send(SIGKILL)
            throw error
        }
    }

    /// Ends it at once, and the demo target.
    func stop() async {
        if program.isRunning { send(SIGKILL) }
        _ = try? await program.output(within: .seconds(10))
        try? lifeline.fileHandleForWriting.close()
        await target?.stop()
    }
}
