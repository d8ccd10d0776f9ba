import Foundation
import Glibc
import Synchronization

/// How a program ended and what it printed.
struct Output: Sendable {
    /// The exit status; 128 and the signal's number if a signal ended it.
    let status: Int32
    let out: [UInt8]
    let err: String

    var text: String { String(decoding: out, as: UTF8.self) }
    /// The lines of the standard output that are not empty.
    var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// A program that runs beside the test. What it prints goes to files, so that it never waits for a reader.
final class RunningProgram: Sendable {
    let name: String
    let processIdentifier: pid_t
    private let files: TemporaryDirectory
    private let ended: Task<Int32, Never>
    private let running = Mutex(true)

    /// Starts a program.
    ///
    /// - Parameter input: its standard input; nothing if nil.
    init(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil,
        input: FileHandle? = nil
    ) throws {
        name = program.lastPathComponent
        let files = try TemporaryDirectory("out")
        self.files = files
        let spawn = Spawn(
            program: program.path, arguments: arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, directory: directory?.path,
            output: files.path("out"), error: files.path("err"), input: input?.fileDescriptor)
        do {
            processIdentifier = try spawn.start()
        } catch {
            files.remove()
            throw error
        }
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        ended = Task {
            for await status in ends { return status }
            return -1
        }
        Thread.detachNewThread { [self] in
            let status = Spawn.reap(processIdentifier)
            running.withLock { $0 = false }
            continuation.yield(status)
            continuation.finish()
        }
    }

    deinit { files.remove() }

    var isRunning: Bool { running.withLock { $0 } }

    /// What it has printed so far.
    var printed: (out: [UInt8], err: String) {
        (bytes("out"), String(decoding: bytes("err"), as: UTF8.self))
    }

    private func bytes(_ name: String) -> [UInt8] {
        (try? Data(contentsOf: files.url.appendingPathComponent(name))).map(Array.init) ?? []
    }

    /// Sends a signal, unless it has ended.
    func send(_ signal: Int32) {
        running.withLock { if $0 { kill(processIdentifier, signal) } }
    }

    /// Waits for its end; kills it when `limit` is over and throws then.
    func output(within limit: Duration = .seconds(60)) async throws -> Output {
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
        return Output(status: status, out: out, err: err)
    }

    /// Ends it at once and waits for that.
    func stop() async {
        send(SIGKILL)
        _ = await ended.value
    }

    /// Waits until something holds of what was printed; an error if it ends or `limit` is over before.
    func wait(
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

/// Runs a program to its end.
func run(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil,
    within limit: Duration = .seconds(60)
) async throws -> Output {
    try await RunningProgram(program, arguments, environment: environment, directory: directory).output(within: limit)
}

/// Asks again and again until it holds; an error that says what did not come when `limit` is over.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), _ holds: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while try await !holds() {
        guard ContinuousClock.now < end else { throw Trouble("within \(limit) it did not come to this: \(what)") }
        try await Task.sleep(for: .milliseconds(25))
    }
}
