internal import Glibc

/// A configuration file, read whole.
public struct SourceFile: Sendable {
    /// Its path, as configured or found in a configured directory.
    public let path: String
    /// Its bytes.
    public let bytes: [UInt8]

    /// A file of its parts, for tests and for configuration that comes from elsewhere.
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// What no configuration file is larger than.
    public static let sizeLimit = 16 << 20

    /// Reads a file of up to ``sizeLimit`` bytes.
    static func read(_ path: String) throws(FileError) -> SourceFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return SourceFile(path: path, bytes: bytes) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileError(path, errno)
            }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= sizeLimit else {
                throw FileError(path: path, message: "is larger than \(sizeLimit) bytes")
            }
        }
    }

    /// The files a configured path stands for: itself, or, of a directory, its `.yaml`, `.yml` and `.json` files by name.
    /// Names that begin with a dot are left out (mounted ConfigMaps keep their versions there).
    static func expand(_ path: String) throws(FileError) -> [String] {
        let stamp = try FileStamp(path)
        guard stamp.isDirectory else { return [path] }
        guard let directory = opendir(path) else { throw FileError(path, errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) { names.append(name) }
        }
        return names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }
}

/// By what a changed file is told from the one read before. Links are followed, so that a swapped link is a change.
struct FileStamp: Sendable, Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int
    let isDirectory: Bool

    init(_ path: String) throws(FileError) {
        var info = stat()
        guard stat(path, &info) == 0 else { throw FileError(path, errno) }
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        size = Int64(info.st_size)
        seconds = info.st_mtim.tv_sec
        nanoseconds = info.st_mtim.tv_nsec
        isDirectory = info.st_mode & S_IFMT == S_IFDIR
    }
}

/// A file that can't be read.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong.
    public let message: String

    /// An error of its parts.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    init(_ path: String, _ code: Int32) {
        self.init(path: path, message: String(cString: strerror(code)))
    }

    /// Path and message.
    public var description: String { "\(path): \(message)" }
}
