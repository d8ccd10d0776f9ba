public import APIMachinery
internal import Glibc
internal import NIOConcurrencyHelpers

/// A file of lines that is put aside when it is full or was moved away: `audit.log` and `audit-2026-01-02T15-04-05.000.log`.
///
/// As lumberjack names and keeps them: backups beyond `backups` and those older than `age` are removed at each rotation. A file
/// that somebody else has renamed or removed is made anew; lines that could only be written in part are cut off again.
public final class AuditFile: AuditOutput {
    /// When a file is full and how many are kept.
    public struct Rotation: Sendable, Equatable {
        /// Bytes; a longer line has a file of its own.
        public var size: Int
        /// How many backups are kept; nil keeps all.
        public var backups: Int?
        /// How long a backup is kept; nil is for ever.
        public var age: Duration?

        /// 100 MB, all kept: what k8s.io/apiserver does without flags.
        public init(size: Int = 100 << 20, backups: Int? = nil, age: Duration? = nil) {
            self.size = size
            self.backups = backups
            self.age = age
        }
    }

    private struct State {
        var descriptor: Int32 = -1
        var size = 0
        var device: UInt64 = 0
        var inode: UInt64 = 0
    }
    private let path: String
    private let rotation: Rotation
    private let now: @Sendable () -> Timestamp
    private let state = NIOLockedValueBox(State())

    /// Opens the file, or makes it, readable to its owner only; its directory is made if need be.
    ///
    /// - Throws: ``FileError``.
    public init(path: String, rotation: Rotation, now: @escaping @Sendable () -> Timestamp = { .now() }) throws {
        self.path = path
        self.rotation = rotation
        self.now = now
        let directory = BackupNames(path).directory
        if mkdir(directory, 0o755) != 0, errno != EEXIST { throw FileError(directory, errno) }
        try state.withLockedValue { try open(&$0) }
    }

    deinit { close() }

    /// Writes the lines; rotates between them.
    public func write(_ lines: [[UInt8]]) throws {
        try state.withLockedValue { state in
            try reopenIfMoved(&state)
            var pending: [UInt8] = []
            for line in lines {
                let filled = state.size + pending.count
                if filled > 0, filled + line.count > rotation.size {
                    try append(pending, &state)
                    pending.removeAll(keepingCapacity: true)
                    try rotate(&state)
                }
                pending += line
            }
            try append(pending, &state)
        }
    }

    /// Closes the file.
    public func close() {
        state.withLockedValue { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
        }
    }

    private func open(_ state: inout State) throws {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw FileError(path, code)
        }
        state = State(
            descriptor: descriptor, size: Int(info.st_size), device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
    }

    /// Whoever rotates by renaming is followed.
    private func reopenIfMoved(_ state: inout State) throws {
        var info = stat()
        if state.descriptor >= 0, stat(path, &info) == 0, UInt64(info.st_ino) == state.inode,
            UInt64(info.st_dev) == state.device
        {
            return
        }
        if state.descriptor >= 0 { Glibc.close(state.descriptor) }
        state.descriptor = -1
        try open(&state)
    }

    private func append(_ bytes: [UInt8], _ state: inout State) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.write(
                    state.descriptor, UnsafeRawBufferPointer(rebasing: raw[written...]).baseAddress,
                    bytes.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                let code = errno
                // Half a line would spoil the next one too. Of what is no regular file nothing can be taken back.
                if written > 0 { _ = ftruncate(state.descriptor, off_t(state.size)) }
                throw FileError(path, code)
            }
        }
        state.size += bytes.count
    }

    private func rotate(_ state: inout State) throws {
        let names = BackupNames(path)
        var time = now()
        while access(names.path(at: time), F_OK) == 0 { time = time.adding(.milliseconds(1)) }
        guard rename(path, names.path(at: time)) == 0 else { throw FileError(path, errno) }
        Glibc.close(state.descriptor)
        state.descriptor = -1
        try open(&state)
        removeOld(names)
    }

    private func removeOld(_ names: BackupNames) {
        let backups = names.present().sorted { $0.time > $1.time }
        let oldest = rotation.age.map { now().adding(.zero - $0) }
        for (index, backup) in backups.enumerated() {
            let isTooMany = rotation.backups.map { index >= $0 } ?? false
            let isTooOld = oldest.map { backup.time < $0 } ?? false
            if isTooMany || isTooOld { unlink(backup.path) }
        }
    }
}

/// How the backups of a file are called: `<name>-<time><extension>`, the time as `2026-01-02T15-04-05.000`, UTC.
struct BackupNames {
    let directory: String
    private let prefix: String
    private let suffix: String

    init(_ path: String) {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        switch slash {
        case nil: directory = "."
        case path.startIndex?: directory = "/"
        case let slash?: directory = String(path[..<slash])
        }
        let dot = name.dropFirst().lastIndex(of: ".") ?? name.endIndex
        prefix = "\(name[..<dot])-"
        suffix = String(name[dot...])
    }

    func path(at time: Timestamp) -> String {
        let text = time.rfc3339(fraction: .micro)
        // 2026-01-02T15:04:05.000000Z
        let stamp = text.prefix(23).map { $0 == ":" ? "-" : String($0) }.joined()
        return "\(directory)/\(prefix)\(stamp)\(suffix)"
    }

    /// The backups there are, in no order.
    func present() -> [(path: String, time: Timestamp)] {
        guard let entries = opendir(directory) else { return [] }
        defer { closedir(entries) }
        var found: [(path: String, time: Timestamp)] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count == prefix.count + 23 + suffix.count
            else { continue }
            let stamp = name.dropFirst(prefix.count).prefix(23)
            let clock = stamp.dropFirst(11).map { $0 == "-" ? ":" : String($0) }.joined()
            guard let time = Timestamp(rfc3339: "\(stamp.prefix(11))\(clock)Z") else { continue }
            found.append(("\(directory)/\(name)", time))
        }
        return found
    }
}

/// Writes lines to the standard output: `--audit-log-path -`.
public struct StandardAuditOutput: AuditOutput {
    /// To the standard output.
    public init() {}

    /// Writes the lines.
    public func write(_ lines: [[UInt8]]) throws {
        for line in lines {
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    throw FileError("stdout", errno)
                }
            }
        }
    }

    /// Leaves it open.
    public func close() {}
}
