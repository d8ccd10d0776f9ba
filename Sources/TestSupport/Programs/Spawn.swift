import Foundation
import Glibc

/// Starts a program with the signals, the files and the process group of a fresh one.
///
/// Not Foundation's `Process`: that hands down the signal mask of the thread that starts it, which is full on the threads of
/// Dispatch (a shell then waits for its children for ever, and nothing ends on SIGTERM), and it reads the list of open files while
/// it grows, which ends the tests' own process beside a test that opens thousands.
struct Spawn {
    var program: String
    var arguments: [String]
    var environment: [String: String]
    var directory: String?
    /// Files to open as standard output and error.
    var output: String
    var error: String
    var input: Input

    /// Where the standard input comes from.
    enum Input {
        case file(String)
        /// The read end of a pipe.
        case descriptor(Int32)
    }

    /// - Returns: the process identifier; the process leads a group of its own.
    func start() throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        switch input {
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
        case .descriptor(let number): posix_spawn_file_actions_adddup2(&actions, number, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try closeRest(&actions)
        if let directory { try change(to: directory, &actions) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, program, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Trouble("\(program) can't be started: \(String(cString: strerror(code)))") }
        return identifier
    }

    /// What glibc declares for `_GNU_SOURCE` only, and Swift therefore does not see.
    private func extra<Function>(_ name: String, as type: Function.Type) throws -> Function {
        guard let symbol = dlsym(nil, name) else { throw Trouble("this C library has no \(name)") }
        return unsafeBitCast(symbol, to: type)
    }

    private func closeRest(_ actions: inout posix_spawn_file_actions_t) throws {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        _ = try extra("posix_spawn_file_actions_addclosefrom_np", as: CloseFrom.self)(&actions, 3)
    }

    private func change(to directory: String, _ actions: inout posix_spawn_file_actions_t) throws {
        typealias Change =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
        _ = try extra("posix_spawn_file_actions_addchdir_np", as: Change.self)(&actions, directory)
    }

    /// Waits for the end of a child: its status, or 128 and the number of the signal that ended it. Blocks.
    static func reap(_ identifier: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else { return -1 }
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }
}
