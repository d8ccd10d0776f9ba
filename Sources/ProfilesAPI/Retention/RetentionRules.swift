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
    /// - Throws: ``FileError``, ``DocumentError`` with every fault.
    public init(_ path: String, logger: Logger) throws {
        file = try FileBacked(
            file: path, what: "retention rules", logger: logger, load: RetentionRulesDecoder.decode)
    }

    /// The rules as they last were good.
    public var value: [RetentionPolicy.Rule] { file.value }

    /// Reads the file anew if it changed.
    public func reloadIfChanged() { file.reloadIfChanged() }
}
