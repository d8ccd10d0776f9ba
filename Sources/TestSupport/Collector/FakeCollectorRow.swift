import APIMachinery
import ProfileStore

/// A profile in a ``FakeCollector``.
public struct FakeCollectorRow: Sendable {
    /// As the collector tells it.
    public let id: String
    /// The 20 characters of it that make it one of its own.
    public let xid: String
    /// As the collector tells it: of S3 with `__` for `/`.
    public let service: String
    /// `cpu`, `heap`, …
    public let type: String
    /// Sorted by key, keys that come twice kept.
    public let labels: [(key: String, value: String)]
    /// When it was taken, in nanoseconds since 1970; on S3 whole seconds.
    public let createdAt: Int64
    /// As sent.
    public let bytes: [UInt8]

    /// The second in which it was taken.
    var second: Int64 { createdAt.quotientAndRemainder(dividingBy: 1_000_000_000).quotient }
}

/// The types of profefe (`pkg/profile/profile_type.go`), by their numbers in the keys of S3.
enum FakeCollectorTypes {
    static let numbers: KeyValuePairs = [
        "cpu": 1, "heap": 2, "block": 3, "mutex": 4, "goroutine": 5, "threadcreate": 6, "other": 127, "trace": 128,
    ]

    /// Nil for what profefe takes for "unknown".
    static func number(_ name: String) -> Int? { numbers.first { $0.key == name }?.value }
}

/// Labels as profefe reads them out of a parameter that was decoded once (`pkg/profile/labels.go`).
enum FakeCollectorLabels {
    /// Nil if an escape is broken.
    static func parse(_ text: String) -> [(key: String, value: String)]? {
        var labels: [(key: String, value: String)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = unescape(halves.first ?? "") else { return nil }
            if key.isEmpty { continue }
            guard let value = unescape(halves.count > 1 ? halves[1] : "") else { return nil }
            labels.append((key, value))
        }
        return sorted(labels)
    }

    static func sorted(_ labels: [(key: String, value: String)]) -> [(key: String, value: String)] {
        labels.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(\.element)
    }

    /// As in a key of S3: not escaped.
    static func text(_ labels: [(key: String, value: String)]) -> String {
        labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private static func unescape(_ text: Substring) -> String? {
        let trimmed = text.drop { $0 == " " }
        let end = trimmed.lastIndex { $0 != " " }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
        return PercentDecoding.decode(trimmed[..<end].utf8, plusIsSpace: true)
    }
}
