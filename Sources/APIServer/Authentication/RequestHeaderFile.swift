public import Logging

/// A front proxy as flags describe it (`--requestheader-client-ca-file` and its kin); the CA file is read again when it changes.
public struct RequestHeaderFile: Reloadable {
    private let file: FileBacked<RequestHeaderConfiguration>

    /// Reads the file; throws what is wrong with it or with the names.
    public init(
        caFile path: String, allowedNames: [String], names: RequestHeaderConfiguration.Names, logger: Logger
    ) throws {
        file = try FileBacked(file: path, what: "request-header CA file", logger: logger) { file in
            try RequestHeaderConfiguration(
                authorities: ClientAuthorities(file), allowedNames: allowedNames, names: names)
        }
    }

    /// As the file last was good.
    public var configuration: RequestHeaderConfiguration { file.value }

    /// Reads the file anew if it changed.
    public func reloadIfChanged() { file.reloadIfChanged() }
}
