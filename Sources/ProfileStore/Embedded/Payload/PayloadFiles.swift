internal import Dispatch
internal import Glibc
internal import NIOCore

/// The directory `payloads` of a store: large payloads, a file each, beside the database.
///
/// A payload of ten megabytes in the database lies in hundreds of pages that are chained one to the next; in a file it is read by
/// one call, without a copy between, and its space comes back when it goes. Small ones are better off in the database: a file costs two syncs more.
///
/// A file is on disk, with its name, before the commit that tells of it, and goes after the commit that no longer does. A process
/// that ends between leaves a file that nobody knows; it is removed when the store is opened. Files are never changed.
final class PayloadFiles: Sendable {
    private let path: String
    /// The open directory.
    private let directory: Int32
    private let queue = DispatchQueue(label: "profefe.store.payloads")

    /// Makes the directory if needed.
    init(_ path: String) throws(StoreError) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.failure("making", path, errno) }
        directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure("opening", path, errno) }
    }

    deinit { Glibc.close(directory) }

    /// Waits for what is under way.
    func finish() { queue.sync {} }

    // MARK: writing

    /// Keeps a payload; returns when it is on disk.
    func write(_ payload: [UInt8]) async throws(StoreError) -> PayloadFile {
        let result: Result<PayloadFile, StoreError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(StoreError) in try self.store(payload) })
            }
        }
        return try result.get()
    }

    private func store(_ payload: [UInt8]) throws(StoreError) -> PayloadFile {
        let name = Self.newName()
        let file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure("making", "\(path)/\(name)", errno) }
        var code = Self.write(payload, to: file)
        if code == 0, fsync(file) != 0 { code = errno }
        Glibc.close(file)
        if code == 0, fsync(directory) != 0 { code = errno }
        guard code == 0 else {
            unlinkat(directory, name, 0)
            throw Self.failure("writing", "\(path)/\(name)", code)
        }
        return PayloadFile(name: name, bytes: Int64(payload.count))
    }

    /// The code of the failure, 0 if there was none.
    private static func write(_ bytes: [UInt8], to file: Int32) -> Int32 {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 ? EIO : errno }
                rest = rest.dropFirst(count)
            }
            return 0
        }
    }

    /// 32 hexadecimal digits at random: unlike numbers of the database they don't come again after a failure.
    private static func newName() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    // MARK: reading

    /// Opens a file; nil if there is no such file.
    ///
    /// - Throws: `.corrupt` if it is shorter or longer than it was.
    func open(_ file: PayloadFile) throws(StoreError) -> OpenPayloadFile? {
        let place = "\(path)/\(file.name)"
        let descriptor = openat(directory, file.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Self.failure("opening", place, errno)
        }
        let opened = OpenPayloadFile(descriptor, bytes: file.bytes, place: place)
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw Self.failure("looking at", place, errno) }
        guard Int64(facts.st_size) == file.bytes else {
            throw StoreError(
                .corrupt, "\(place): has \(facts.st_size) bytes, \(file.bytes) were written; it is left as it is")
        }
        return opened
    }

    // MARK: removing

    /// Removes files, soon. One that can't be removed stays until the store is opened again.
    func remove(_ names: [String]) {
        guard !names.isEmpty else { return }
        queue.async { for name in names { unlinkat(self.directory, name, 0) } }
    }

    /// The names of the files that are there.
    func names() throws(StoreError) -> [String] {
        guard let entries = opendir(path) else { throw Self.failure("listing", path, errno) }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func failure(_ doing: String, _ path: String, _ code: Int32) -> StoreError {
        StoreDirectory.failure(doing, path, code)
    }
}
