import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPTransport

/// SplitMix64: the same bytes in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Feeds a connection with bytes, cut at every `cut`-th; what libFuzzer calls. Whatever comes, there is no trap, and every answer is one
/// that a client can read.
func fuzzHTTP1Connection(_ bytes: [UInt8], cut: Int) throws {
    let bench = try HTTP1Bench(handler: ClosureHandler.echo)
    var rest = bytes[...]
    while !rest.isEmpty, bench.isOpen {
        try bench.send(Array(rest.prefix(max(1, cut))))
        rest = rest.dropFirst(max(1, cut))
    }
    let answer = try bench.answer()
    guard answer.isEmpty || answer.hasPrefix("HTTP/1.1 ") else { throw HTTP1Refusal(.internalServerError, answer) }
    bench.advance(.seconds(200))
    guard !bench.isOpen else { throw HTTP1Refusal(.internalServerError, "the connection did not end") }
}

struct HTTP1FuzzTests {
    private static let seeds = (HTTP1RequestTests.accepted + HTTP1RequestTests.refused).map { Array($0.bytes.utf8) }
        .filter { $0.count < 1000 }

    @Test(arguments: 0..<8)
    func `mutated requests never trap and always come to an end`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = Self.seeds.randomElement(using: &random) ?? []
            if Bool.random(using: &random) { bytes += Self.seeds.randomElement(using: &random) ?? [] }
            for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&bytes, &random) }
            try fuzzHTTP1Connection(bytes, cut: [1, 7, 64, 4096].randomElement(using: &random) ?? 1)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard let at = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        case 2:
            bytes.insert(
                contentsOf: Array(
                    ["\r\n", ":", " ", "\0", "0", "chunked", "-1"].randomElement(using: &random)?.utf8 ?? "".utf8),
                at: at)
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + 9))
        default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 20)], at: at)
        }
    }
}
