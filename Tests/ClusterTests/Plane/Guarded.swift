import Foundation
import Glibc
import TestSupport

/// A program that ends with the tests, in whatever way these end: a shell stands between and waits for the end of its input.
final class Guarded: Sendable {
    private let shell: RunningProgram
    private let lifeline: Pipe

    /// Keeps the program as long as the standard input is open.
    private static let script = """
        exec 3<&0; "$@" </dev/null 3<&- &
        pid=$!; echo "pid $pid"
        (read -r line <&3; kill -9 $pid) 2>/dev/null & watch=$!
        wait $pid; status=$?; kill $watch 2>/dev/null; exit $status
        """

    /// Starts `tool`.
    init(_ tool: Tool, _ arguments: [String], environment: [String: String] = [:], directory: URL) throws {
        lifeline = Pipe()
        shell = try Tool.sh.start(
            ["-c", Self.script, tool.name, try tool.require().path] + arguments, environment: environment,
            directory: directory, input: .pipe(lifeline.fileHandleForReading))
    }

    /// What it has logged so far.
    var log: String { shell.printed.err }

    /// Whether it has not ended.
    var isRunning: Bool { shell.isRunning }

    /// Sends the program a signal, once it runs.
    func send(_ signal: Int32) async throws {
        var identifier: pid_t?
        try await shell.wait("its process identifier") { out, _ in
            identifier = out.split(separator: "\n").first { $0.hasPrefix("pid ") }.flatMap { pid_t($0.dropFirst(4)) }
            return identifier != nil
        }
        if let identifier, shell.isRunning { kill(identifier, signal) }
    }

    /// Waits until something holds of what it logged.
    func wait(_ what: String, within limit: Duration = .seconds(30), until holds: (String) -> Bool) async throws {
        try await shell.wait(what, within: limit) { _, log in holds(log) }
    }

    /// Waits for its end and gives the status.
    func ended(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await shell.output(within: limit).status
    }

    /// Ends it at once.
    func stop() async {
        try? await send(SIGKILL)
        _ = try? await shell.output(within: .seconds(10))
        try? lifeline.fileHandleForWriting.close()
    }
}
