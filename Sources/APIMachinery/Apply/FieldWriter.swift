/// Who writes an object, and when: what a write records of its sender.
public struct FieldWriter: Sendable {
    /// The longest name of a manager, in bytes.
    static let longestName = 128

    /// The manager's name; never empty.
    public let manager: String
    /// The time of the write, without fractions of a second.
    public let time: Timestamp

    /// A writer by name; `unknown` if that is empty.
    public init(_ manager: String, at time: Timestamp) {
        self.manager = manager.isEmpty ? "unknown" : manager
        self.time = time.wholeSeconds
    }

    /// The writer of a request: as its `fieldManager` says, else its User-Agent up to the first `/`, of which what can't be
    /// printed, or is beyond 128 bytes, is left out.
    public init(fieldManager: String, userAgent: String, at time: Timestamp) {
        self.init(fieldManager.isEmpty ? Self.name(of: userAgent) : fieldManager, at: time)
    }

    private static func name(of userAgent: String) -> String {
        var name = String.UnicodeScalarView()
        var bytes = 0
        for scalar in userAgent.unicodeScalars.prefix(while: { $0 != "/" }) where scalar.isPrintable {
            bytes += UTF8.width(scalar)
            if bytes > longestName { break }
            name.append(scalar)
        }
        return String(name)
    }
}
