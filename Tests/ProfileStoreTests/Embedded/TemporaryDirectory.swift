import Glibc

/// A directory for one test, removed when the test lets go of it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = "/tmp/profile-store-\(getpid())-\(UInt64.random(in: .min ... .max))"
        precondition(mkdir(path, 0o700) == 0, "no temporary directory \(path)")
    }

    deinit {
        Self.remove(path)
    }

    static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name == "." || name == ".." { continue }
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    remove(path + "/" + name)
                } else {
                    unlink(path + "/" + name)
                }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
