public import Logging
internal import NIOConcurrencyHelpers

/// Something that follows files, asked from time to time by ``FileReloader``.
public protocol Reloadable: Sendable {
    /// Looks whether the files changed, and reads them anew if so. Blocks on the file system: never on an event loop.
    func reloadIfChanged()
}

/// A value made from files and made anew when they change. A change that can't be read or understood is logged, once, and
/// the last good value kept.
public final class FileBacked<Value: Sendable>: Reloadable {
    private struct State {
        var value: Value
        var stamps: [String: FileStamp]
        /// The last fault, so that it is logged once and not at every look.
        var fault: String?
        /// Holds until the next value.
        let ground = Ground()
    }
    private let state: NIOLockedValueBox<State>
    private let paths: [String]
    private let what: String
    private let logger: Logger
    private let load: @Sendable ([SourceFile]) throws -> Value

    /// Reads the files, and throws what is wrong with them. `what` names the content in logs: `token file`.
    public init(
        _ paths: [String], what: String, logger: Logger, load: @escaping @Sendable ([SourceFile]) throws -> Value
    ) throws {
        self.paths = paths
        self.what = what
        self.logger = logger
        self.load = load
        let stamps = try Self.stamps(paths)
        let value = try load(Self.read(stamps))
        state = NIOLockedValueBox(State(value: value, stamps: stamps))
    }

    /// The same of one file.
    public convenience init(
        file path: String, what: String, logger: Logger, load: @escaping @Sendable (SourceFile) throws -> Value
    ) throws {
        try self.init([path], what: what, logger: logger) { files in
            guard files.count == 1, let file = files.first else {
                throw FileError(path: path, message: "must be one file, not a directory")
            }
            return try load(file)
        }
    }

    /// The value of the files as they last were good.
    public var value: Value { state.withLockedValue { $0.value } }

    /// The same, with what findings from it rest on.
    var reading: (value: Value, ground: Ground) { state.withLockedValue { ($0.value, $0.ground) } }

    /// Reads the files anew if they changed.
    public func reloadIfChanged() {
        do {
            let stamps = try Self.stamps(paths)
            let known = state.withLockedValue { $0.stamps }
            guard stamps != known else { return }
            let value = try load(Self.read(stamps))
            let old = state.withLockedValue { state in
                defer { state = State(value: value, stamps: stamps) }
                return state.ground
            }
            old.givesWay()
            logger.notice("\(what) reloaded", metadata: ["files": "\(paths.joined(separator: " "))"])
        } catch {
            report("\(error)")
        }
    }

    private func report(_ fault: String) {
        let isNew = state.withLockedValue { state in
            defer { state.fault = fault }
            return state.fault != fault
        }
        guard isNew else { return }
        logger.error(
            "\(what) changed but is not usable; what was read before stays in force", metadata: ["error": "\(fault)"])
    }

    private static func stamps(_ paths: [String]) throws -> [String: FileStamp] {
        var stamps: [String: FileStamp] = [:]
        for path in paths {
            for file in try SourceFile.expand(path) { stamps[file] = try FileStamp(file) }
        }
        return stamps
    }

    private static func read(_ stamps: [String: FileStamp]) throws -> [SourceFile] {
        try stamps.keys.sorted().map { try SourceFile.read($0) }
    }
}

/// The service that has files looked at, by default every 10 seconds.
public struct FileReloader: Sendable {
    private let reloadables: [any Reloadable]
    private let interval: Duration
    private let clock: any Clock<Duration>

    /// Looks at `reloadables`, in turn.
    public init(
        _ reloadables: [any Reloadable], interval: Duration = .seconds(10),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.reloadables = reloadables
        self.interval = interval
        self.clock = clock
    }

    /// Runs until its task is cancelled.
    @concurrent public func run() async {
        while !Task.isCancelled {
            do { try await clock.sleep(for: interval) } catch { return }
            for reloadable in reloadables { reloadable.reloadIfChanged() }
        }
    }
}
