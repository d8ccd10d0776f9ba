public import Foundation
import Glibc

/// A program that ends with the tests, in whatever way these end: a shell stands between and kills it when its own input ends.
public final class GuardedProgram: Sendable {
    /// The program itself, not the shell.
    public let processIdentifier: pid_t
    private let shell: RunningProgram
    private let lifeline: Pipe

    /// Keeps the program as long as the standard input is open.
    private static let script = """
        exec 3<&0; "$@" </dev/null 3<&- &
        pid=$!; echo $pid
        (read -r line <&3; kill -9 $pid) 2>/dev/null & watch=$!
        wait $pid; status=$?; kill $watch 2>/dev/null; exit $status
        """

    /// Starts `tool`; returns when it has a process.
    ///
    /// - Parameters:
    ///   - wrapper: a command that becomes the program, such as `setpriv` with its arguments.
    ///   - environment: goes over that of the tests.
    ///   - directory: where it runs.
    public static func start(
        _ tool: Tool, _ arguments: [String], wrapper: [String] = [], environment: [String: String] = [:],
        directory: URL
    ) async throws -> GuardedProgram {
        let lifeline = Pipe()
        let command = ["-c", script, tool.name] + wrapper + [try tool.require().path]
        let shell = try Tool.sh.start(
            command + arguments, environment: environment, directory: directory,
            input: .pipe(lifeline.fileHandleForReading))
        do {
            var identifier: pid_t?
            try await shell.wait("its process identifier") { out, _ in
                identifier = out.firstIndex(of: "\n").flatMap { pid_t(out[..<$0]) }
                return identifier != nil
            }
            guard let identifier else { throw Trouble("the shell around \(tool.name) told no process identifier") }
            return GuardedProgram(processIdentifier: identifier, shell: shell, lifeline: lifeline)
        } catch {
            try? lifeline.fileHandleForWriting.close()
            await shell.stop()
            throw error
        }
    }

    private init(processIdentifier: pid_t, shell: RunningProgram, lifeline: Pipe) {
        self.processIdentifier = processIdentifier
        self.shell = shell
        self.lifeline = lifeline
    }

    /// What it has printed to its standard error so far.
    public var log: String { shell.printed.err }

    /// Whether it has not ended.
    public var isRunning: Bool { shell.isRunning }

    /// Sends it a signal, unless it has ended.
    public func send(_ signal: Int32) {
        if shell.isRunning { kill(processIdentifier, signal) }
    }

    /// Waits until something holds of what it logged; an error if it ends or `limit` is over before.
    public func wait(_ what: String, within limit: Duration = .seconds(60), until holds: (String) -> Bool) async throws
    {
        try await shell.wait(what, within: limit) { _, log in holds(log) }
    }

    /// Waits for its end; kills it when `limit` is over and throws then.
    public func output(within limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        do {
            return try await shell.output(within: limit)
        } catch {
            kill(processIdentifier, SIGKILL)
            throw error
        }
    }

    /// Ends it at once and waits for that.
    public func stop() async {
        send(SIGKILL)
        _ = try? await shell.output(within: .seconds(10))
        try? lifeline.fileHandleForWriting.close()
    }
}
