/// A generator that gives the same numbers in every run (SplitMix64), so that a failing run can be run again.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Equal seeds give equal numbers.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// `bytes` as a damaged file or an attacker would send them.
    ///
    /// - Parameters:
    ///   - pieces: what means something to the parser under test; half of what is put in comes from here.
    ///   - changes: how many places are changed, each in one way: overwritten, a bit flipped, something put in, some bytes taken
    ///     out, a run of them doubled, or the end cut off.
    public mutating func mutate(
        _ bytes: [UInt8], pieces: [[UInt8]] = [], changes: ClosedRange<Int> = 1...4
    ) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: changes, using: &self) {
            let at = Int.random(in: 0...bytes.count, using: &self)
            let run = at..<min(bytes.count, at + Int.random(in: 1...40, using: &self))
            switch Int.random(in: 0..<8, using: &self) {
            case 0 where at < bytes.count: bytes.replaceSubrange(at...at, with: piece(pieces))
            case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2 where at < bytes.count: bytes.remove(at: at)
            case 3: bytes.removeSubrange(run)
            case 4: bytes.insert(contentsOf: bytes[run], at: at)
            case 5 where Int.random(in: 0..<4, using: &self) == 0: bytes.removeSubrange(at...)
            default: bytes.insert(contentsOf: piece(pieces), at: at)
            }
        }
        return bytes
    }

    /// One of the texts, changed; `marks` are the characters that mean something to the parser under test.
    public mutating func mutate(
        _ texts: [String], marks: String = "", changes: ClosedRange<Int> = 1...4
    ) -> [UInt8] {
        let text = texts.randomElement(using: &self) ?? ""
        return mutate(Array(text.utf8), pieces: marks.utf8.map { [$0] }, changes: changes)
    }

    private mutating func piece(_ pieces: [[UInt8]]) -> [UInt8] {
        let any = [UInt8.random(in: 0...255, using: &self)]
        return Bool.random(using: &self) ? any : pieces.randomElement(using: &self) ?? any
    }
}
