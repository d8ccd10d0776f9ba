/// A parser of outside bytes, with what must hold of it whatever it is fed: the tests run it with seeded mutations, libFuzzer
/// for as long as one likes (`Tests/Fuzz`).
public struct Fuzzer: Sendable, CustomStringConvertible {
    /// What it is called on the command line.
    public let name: String
    /// Inputs that reach far into the parser.
    public let seeds: [[UInt8]]
    /// What means something to the parser; see ``SeededRandom/mutate(_:pieces:changes:)``.
    public let pieces: [[UInt8]]
    /// Feeds the parser; false is a finding, as is a trap.
    public let holds: @Sendable ([UInt8]) -> Bool

    /// A fuzzer of a parser of bytes.
    public init(
        _ name: String, seeds: [[UInt8]], pieces: [[UInt8]] = [], holds: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.name = name
        self.seeds = seeds
        self.pieces = pieces
        self.holds = holds
    }

    /// A fuzzer of a parser of texts; `marks` are the characters that mean something to it.
    public init(_ name: String, seeds: [String], marks: String, holds: @escaping @Sendable ([UInt8]) -> Bool) {
        self.init(name, seeds: seeds.map { Array($0.utf8) }, pieces: marks.utf8.map { [$0] }, holds: holds)
    }

    /// Its name: that of the test's case.
    public var description: String { name }

    /// The first input that breaks what must hold: of the seeds, then of `rounds` mutations of them, the same in every run.
    public func counterexample(rounds: Int = 3000) -> [UInt8]? {
        if let seed = seeds.first(where: { !holds($0) }) { return seed }
        var random = SeededRandom(seed: UInt64(rounds))
        for round in 0..<rounds {
            let seed = seeds.isEmpty ? [] : seeds[round % seeds.count]
            let bytes = random.mutate(seed, pieces: pieces, changes: 1...6)
            if !holds(bytes) { return bytes }
        }
        return nil
    }
}
