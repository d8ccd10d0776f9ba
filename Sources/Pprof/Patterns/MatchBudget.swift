/// How much work regular expressions from outside may make.
public struct MatchBudget: Sendable, Equatable {
    /// Steps of the matcher on one name (pcre2api `match_limit`); names are some hundred bytes at most as a rule. Default 100,000.
    public var stepsPerMatch: UInt32 = 100_000
    /// Memory of one match in KiB. Default 1024.
    public var kibibytesPerMatch: UInt32 = 1024
    /// Time for all names of a profile together. Default 2 seconds.
    public var time: Duration = .seconds(2)

    /// The defaults, to be changed field by field.
    public init() {}
}
