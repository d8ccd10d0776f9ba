import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

struct HTTP1FuzzTests {
    private static let seeds = (HTTP1RequestTests.accepted + HTTP1RequestTests.refused).map { Array($0.bytes.utf8) }
        .filter { $0.count < 1000 }
    private static let pieces = ["\r\n", ":", " ", "\0", "0", "chunked", "-1"].map { Array($0.utf8) }

    @Test(arguments: 0..<8)
    func `mutated requests never trap and always come to an end`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            var bytes = Self.seeds.randomElement(using: &random) ?? []
            if Bool.random(using: &random) { bytes += Self.seeds.randomElement(using: &random) ?? [] }
            bytes = random.mutate(bytes, pieces: Self.pieces, changes: 1...6)
            try fuzzHTTP1Connection(bytes, cut: [1, 7, 64, 4096].randomElement(using: &random) ?? 1)
        }
    }
}
