/// A small generator with a seed, so that a failing run can be run again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// `bytes` with one to eight bytes changed, put in, taken out, or runs of them doubled.
func mutated(_ bytes: [UInt8], using random: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...8, using: &random) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(Array("{}[]:,\"\\&*<-|>%@ \n\t0eEu.".utf8).randomElement(using: &random) ?? 0, at: at)
        case 2 where at < bytes.count: bytes.remove(at: at)
        default:
            let end = min(bytes.count, at + Int.random(in: 0...16, using: &random))
            bytes.insert(contentsOf: bytes[at..<end], at: at)
        }
    }
    return bytes
}
