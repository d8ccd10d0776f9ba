public import APIMachinery
internal import Glibc
public import Logging

/// Writes each log event as one line, in one write, so that lines of several threads never mix.
///
/// Values under names of credentials (`authorization`, `token`, `cookie`, `password`, `secret`, whatever their case) are
/// replaced by `[redacted]`: the last guard, not the first.
public struct LineLogHandler: LogHandler {
    /// Events below it are not written.
    public var logLevel: Logger.Level
    /// Goes with every event of the logger.
    public var metadata: Logger.Metadata = [:]
    /// Gives more of it at each event.
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat
    private let write: @Sendable ([UInt8]) -> Void
    private let now: @Sendable () -> Timestamp

    /// A handler that gives its lines to `write`, by default the standard error.
    public init(
        label: String, format: LogFormat, level: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = Self.standardError,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.write = write
        self.now = now
    }

    /// Writes to the standard error; what can't be written is lost.
    public static let standardError: @Sendable ([UInt8]) -> Void = { bytes in
        bytes.withUnsafeBytes { raw in
            var rest = raw[...]
            while !rest.isEmpty {
                let count = Glibc.write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    /// One entry of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        let file = event.file.split(separator: "/").last.map(String.init) ?? event.file
        let entry = LogEntry(
            time: now(), level: event.level, label: label, caller: "\(file):\(event.line)",
            message: event.message.description,
            metadata: all.map { ($0.key, Self.shown($0.key, $0.value)) }.sorted { $0.0 < $1.0 })
        write(format.line(entry))
    }

    private static func shown(_ key: String, _ value: Logger.MetadataValue) -> String {
        secrets.contains(key.lowercased()) ? "[redacted]" : value.description
    }

    private static let secrets: Set<String> = ["authorization", "bearer", "cookie", "password", "secret", "token"]
}
