public import APIServer
public import Logging
public import ProfileStore

/// Retention rules that follow their file.
///
/// ```yaml
/// apiVersion: profefe.io/v1
/// kind: RetentionRules
/// rules:                        # the first one that matches counts
/// - namespaces: [shop, cart]
///   types: [heap]
///   retention: 720h
/// - types: [trace]
///   retention: 24h
/// ```
public struct RetentionRules: Reloadable {
    private let file: FileBacked<[RetentionPolicy.Rule]>

    /// Reads the file.
    ///
    /// - Throws: ``FileError``, ``RetentionRulesError`` with every fault.
    public init(_ path: String, logger: Logger) throws {
        file = try FileBacked([path], what: "retention rules", logger: logger) { files in
            guard files.count == 1, let file = files.first else {
                throw FileError(path: path, message: "must be one file, not a directory")
            }
            return try RetentionRulesDecoder.decode(file)
        }
    }

    /// The rules as they last were good.
    public var value: [RetentionPolicy.Rule] { file.value }

    /// Reads the file anew if it changed.
    public func reloadIfChanged() { file.reloadIfChanged() }
}
