public import Logging

/// An audit policy that follows its file.
public struct AuditPolicyFile: Reloadable {
    private let file: FileBacked<AuditPolicy>

    /// Reads the file.
    ///
    /// - Throws: ``FileError``, ``AuditPolicyError`` with every fault.
    public init(_ path: String, logger: Logger) throws {
        file = try FileBacked([path], what: "audit policy", logger: logger) { files in
            guard files.count == 1, let file = files.first else {
                throw FileError(path: path, message: "must be one file, not a directory")
            }
            return try AuditPolicy(file)
        }
    }

    /// The policy as it last was good.
    public var value: AuditPolicy { file.value }

    /// Reads the file anew if it changed.
    public func reloadIfChanged() { file.reloadIfChanged() }
}
