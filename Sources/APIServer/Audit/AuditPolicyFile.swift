public import Logging

/// An audit policy that follows its file.
public struct AuditPolicyFile: Reloadable {
    private let file: FileBacked<AuditPolicy>

    /// Reads the file.
    ///
    /// - Throws: ``FileError``, ``DocumentError`` with every fault.
    public init(_ path: String, logger: Logger) throws {
        file = try FileBacked(file: path, what: "audit policy", logger: logger) { try AuditPolicy($0) }
    }

    /// The policy as it last was good.
    public var value: AuditPolicy { file.value }

    /// Reads the file anew if it changed.
    public func reloadIfChanged() { file.reloadIfChanged() }
}
