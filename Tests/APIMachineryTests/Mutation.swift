/// Makes the same mutations of sample texts in every run (SplitMix64).
struct Mutation: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of the samples with one to four changes; new bytes are mostly the marks that mean something.
    mutating func mutate(_ samples: [String], marks: String) -> [UInt8] {
        let marks = Array(marks.utf8)
        var bytes = Array(samples[Int(next() % UInt64(samples.count))].utf8)
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let at = Int.random(in: 0...bytes.count, using: &self)
            let byte =
                Bool.random(using: &self) ? UInt8.random(in: 0...255, using: &self) : marks.randomElement(using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0 where at < bytes.count: bytes[at] = byte ?? 0
            case 1: bytes.insert(byte ?? 0, at: at)
            case 2 where at < bytes.count: bytes.remove(at: at)
            case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 9)], at: at)
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }
}
