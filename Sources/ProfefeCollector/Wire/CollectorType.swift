/// A type of profile as a profefe collector knows it: its name in parameters and answers, its number in the ids of S3 and GCS.
///
/// Source: profefe `pkg/profile/profile_type.go`. `allocs` is not among them: the collector refuses it.
public enum CollectorType: UInt8, Sendable, Hashable, CaseIterable {
    case cpu = 1
    case heap, block, mutex, goroutine, threadcreate
    case other = 127
    case trace = 128

    /// The type of that name; nil for any other text, which a collector's find takes for "all types".
    ///
    /// Blanks around the name don't matter, as in profefe.
    public init?(name: some StringProtocol) {
        let name = name.drop(while: \.isWhitespace)
        guard let end = name.lastIndex(where: { !$0.isWhitespace }),
            let type = Self.allCases.first(where: { $0.name == name[...end] })
        else { return nil }
        self = type
    }

    /// `cpu`, `heap`, …
    public var name: String {
        // Not by reflection, which takes microseconds: answers of thousands say it for each profile.
        switch self {
        case .cpu: "cpu"
        case .heap: "heap"
        case .block: "block"
        case .mutex: "mutex"
        case .goroutine: "goroutine"
        case .threadcreate: "threadcreate"
        case .other: "other"
        case .trace: "trace"
        }
    }
}
