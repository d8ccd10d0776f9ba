internal import APIMachinery
internal import Logging

/// How a log line looks: `--log-format`.
public enum LogFormat: String, Sendable, CaseIterable {
    /// As klog writes it: `I1122 17:08:09.123456 HandlerChain.swift:88] "message" key="value"`.
    case text
    /// One JSON object: `{"ts":"2026-…Z","level":"info","caller":"…","msg":"…","key":"value"}`.
    case json

    /// The line, its newline included.
    func line(_ entry: LogEntry) -> [UInt8] {
        switch self {
        case .text: text(entry)
        case .json: json(entry)
        }
    }

    private func text(_ entry: LogEntry) -> [UInt8] {
        let time = entry.time.rfc3339(fraction: .micro)
        // 2026-11-22T17:08:09.123456Z
        let date = "\(time.dropFirst(5).prefix(2))\(time.dropFirst(8).prefix(2)) \(time.dropFirst(11).prefix(15))"
        var line = "\(Self.letter(entry.level))\(date) \(entry.caller)] \(entry.message.quoted)"
        for (key, value) in entry.metadata { line += " \(key)=\(value.quoted)" }
        return Array((line + "\n").utf8)
    }

    private func json(_ entry: LogEntry) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.field("ts", entry.time.rfc3339(fraction: .micro))
        writer.field("level", entry.level.rawValue)
        writer.field("logger", entry.label)
        writer.field("caller", entry.caller)
        writer.field("msg", entry.message)
        for (key, value) in entry.metadata where !Self.own.contains(key) { writer.field(key, value) }
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static let own: Set<String> = ["ts", "level", "logger", "caller", "msg"]

    private static func letter(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "D"
        case .info, .notice: "I"
        case .warning: "W"
        case .error: "E"
        case .critical: "F"
        }
    }
}

/// What a log line says.
struct LogEntry {
    let time: Timestamp
    let level: Logger.Level
    let label: String
    /// `File.swift:12`
    let caller: String
    let message: String
    /// Sorted by key.
    let metadata: [(String, String)]
}
