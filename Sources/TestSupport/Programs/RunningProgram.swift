public import Foundation
import Glibc
import Synchronization

/// A program that runs beside the test. What it prints goes to files, so that it never waits for a reader.
public final class RunningProgram: Sendable {
    /// Its standard input.
    public enum Input: Sendable {
        /// Ends at once.
        case nothing
        /// These bytes, then the end.
        case bytes([UInt8])
        /// What comes out of a pipe.
        case pipe(FileHandle)

        /// This text, then the end.
        public static func text(_ text: String) -> Input { .bytes(Array(text.utf8)) }
    }

    /// What the program is called.
    public let name: String
    /// The process, which leads a group of its own.
    public let processIdentifier: pid_t
    private let files: TemporaryDirectory
    private let ended: Task<Int32, Never>
    private let running = Mutex(true)

    /// Starts a program; ``Tool/start(_:environment:directory:input:)`` finds it first.
    init(
        _ program: URL, _ arguments: [String], environment: [String: String], directory: URL?, input: Input
    ) throws {
        name = program.lastPathComponent
        files = try TemporaryDirectory("out")
        let spawn = Spawn(
            program: program.path, arguments: arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, directory: directory?.path,
            output: files.path("out"), error: files.path("err"), input: try Self.source(of: input, files))
        processIdentifier = try withExtendedLifetime(input) { try spawn.start() }
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        ended = Task {
            for await status in ends { return status }
            return -1
        }
        // Blocks for as long as the program runs: on a thread of its own.
        Thread.detachNewThread { [self] in
            let status = Spawn.reap(processIdentifier)
            running.withLock { $0 = false }
            continuation.yield(status)
            continuation.finish()
        }
    }

    private static func source(of input: Input, _ files: TemporaryDirectory) throws -> Spawn.Input {
        switch input {
        case .nothing: return .file("/dev/null")
        case .bytes(let bytes):
            try Data(bytes).write(to: files.url.appendingPathComponent("in"))
            return .file(files.path("in"))
        case .pipe(let handle): return .descriptor(handle.fileDescriptor)
        }
    }

    /// Whether it has not ended.
    public var isRunning: Bool { running.withLock { $0 } }

    /// What it has printed so far.
    public var printed: (out: [UInt8], err: String) {
        (bytes("out"), String(decoding: bytes("err"), as: UTF8.self))
    }

    private func bytes(_ name: String) -> [UInt8] {
        (try? Data(contentsOf: files.url.appendingPathComponent(name))).map(Array.init) ?? []
    }

    /// Sends a signal, unless it has ended.
    public func send(_ signal: Int32) {
        running.withLock { if $0 { kill(processIdentifier, signal) } }
    }

    /// Waits for its end; kills it when `limit` is over and throws then.
    public func output(within limit: Duration = .seconds(60)) async throws -> ProgramOutput {
        let alarm = Task {
            try await Task.sleep(for: limit)
            guard isRunning else { return }
            send(SIGKILL)
            throw Trouble("\(name) did not end within \(limit) and was killed")
        }
        let status = await ended.value
        alarm.cancel()
        let (out, err) = printed
        do { try await alarm.value } catch let trouble as Trouble {
            throw Trouble(
                "\(trouble); it printed: \(String(decoding: out.prefix(4000), as: UTF8.self))\(err.suffix(4000))")
        } catch {}
        return ProgramOutput(status: status, out: out, err: err)
    }

    /// Ends it at once and waits for that.
    public func stop() async {
        send(SIGKILL)
        _ = await ended.value
    }

    /// Waits until something holds of what was printed; an error if it ends or `limit` is over before.
    public func wait(
        _ what: String, within limit: Duration = .seconds(30),
        until holds: (_ out: String, _ err: String) throws -> Bool
    ) async throws {
        try await eventually("\(name): \(what)", within: limit) {
            let running = isRunning
            let (out, err) = printed
            if try holds(String(decoding: out, as: UTF8.self), err) { return true }
            guard running else {
                throw Trouble(
                    "\(name) ended before: \(what); it printed: \(String(decoding: out, as: UTF8.self))\(err)")
            }
            return false
        }
    }
}
