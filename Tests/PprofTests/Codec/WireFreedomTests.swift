import TestSupport
import Testing

@testable import Pprof

/// Protobuf leaves the order of fields, packing and the length of varints to the writer: none of it changes what is read.
struct WireFreedomTests {
    /// A field of a part: a number, a list of numbers that may be packed, or a nested part.
    private enum Field: Sendable {
        case scalar(UInt64, UInt64)
        case list(UInt64, [UInt64])
        case parts(UInt64, [[Field]])
    }

    /// Parts by the number of their field in `Profile`: rows of 40 locations, so that ids of one and of three bytes mix.
    private static let parts: [(number: UInt64, rows: [[Field]])] = [
        (1, [[.scalar(1, 1), .scalar(2, 2)], [.scalar(1, 3), .scalar(2, 4)]]),
        (
            2,
            (0..<30).map { row in
                let stack = (0..<row * 3 % 23).map { UInt64($0 * 7 % 40) }.map(locationID)
                let values = [UInt64(row), row % 3 == 0 ? UInt64(bitPattern: Int64(-row)) : UInt64(row) << (row * 2)]
                let labels: [[Field]] = (0..<row % 3).map { [.scalar(1, 5), .scalar(3, UInt64($0) << 60)] }
                return [.list(1, stack), .list(2, values), .parts(3, labels)]
            }
        ),
        (3, [[.scalar(1, 3), .scalar(2, 0x40_0000), .scalar(3, 0x7fff_ffff_f000), .scalar(5, 6), .scalar(9, 1)]]),
        (
            4,
            (0..<40).map { row in
                let lines: [[Field]] = (0...row % 3).map {
                    [.scalar(1, UInt64(row % 5 + 200)), .scalar(2, UInt64($0) << 9)]
                }
                return [
                    .scalar(1, locationID(UInt64(row))), .scalar(2, 3), .scalar(3, 0x40_0000 + UInt64(row) << 12),
                    .parts(4, lines), .scalar(5, UInt64(row % 2)),
                ]
            }
        ),
        (5, (0..<5).map { [.scalar(1, 200 + $0), .scalar(2, 5), .scalar(3, 6), .scalar(4, 7), .scalar(5, $0 << 20)] }),
    ]

    private static func locationID(_ row: UInt64) -> UInt64 { row % 2 == 0 ? row + 1 : row + 100_000 }

    private static let strings: [Wire] = ["", "samples", "count", "cpu", "nanoseconds", "main.main", "main", "main.go"]
        .map { .text(6, $0) }

    /// Writes the message in one of all the ways that there are.
    private struct Writer {
        var random: SeededRandom
        /// Without it the one way of `ValidatedProfile.encoded()` is taken.
        let isFree: Bool

        /// True in one of so many cases.
        mutating func chance(_ cases: UInt64) -> Bool { isFree && random.next() % cases == 0 }

        mutating func varint(_ value: UInt64) -> [UInt8] {
            var writer = WireWriter()
            writer.varint(value)
            var bytes = writer.bytes
            while bytes.count < 10, chance(20) {
                bytes[bytes.count - 1] |= 0x80
                bytes.append(0)
            }
            return bytes
        }

        mutating func nested(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
            varint(number << 3 | 2) + varint(UInt64(content.count)) + content
        }

        /// The ways of one list: those of its elements stay in their order.
        mutating func list(_ number: UInt64, _ values: [UInt64]) -> [[UInt8]] {
            var fields: [[UInt8]] = []
            var rest = values[...]
            while !rest.isEmpty {
                let count = chance(2) ? Int.random(in: 1...rest.count, using: &random) : rest.count
                if chance(3) {
                    fields += rest.prefix(count).map { varint(number << 3) + varint($0) }
                } else {
                    fields.append(nested(number, rest.prefix(count).flatMap { varint($0) }))
                }
                rest = rest.dropFirst(count)
            }
            return fields
        }

        mutating func part(_ fields: [Field]) -> [UInt8] {
            var queues: [[[UInt8]]] = []
            for field in fields {
                switch field {
                case .scalar(let number, let value): queues.append([varint(number << 3) + varint(value)])
                case .list(let number, let values): queues.append(list(number, values))
                case .parts(let number, let parts): queues.append(parts.map { nested(number, part($0)) })
                }
            }
            if chance(4) { queues.append([nested(99, [1, 2, 3])]) }
            return interleaved(queues)
        }

        /// Takes from the queues in any order, from each in its own.
        mutating func interleaved(_ queues: [[[UInt8]]]) -> [UInt8] {
            var queues = queues.filter { !$0.isEmpty }
            var bytes: [UInt8] = []
            let isMixed = chance(2)
            while !queues.isEmpty {
                let index = isMixed ? Int.random(in: 0..<queues.count, using: &random) : 0
                bytes += queues[index].removeFirst()
                queues.removeAll { $0.isEmpty }
            }
            return bytes
        }
    }

    @Test func whateverTheWriterChoosesTheSameIsRead() throws {
        let strings = Self.strings.map { Wire.bytes([$0]) }
        func message(seed: UInt64?) -> [UInt8] {
            var writer = Writer(random: SeededRandom(seed: seed ?? 0), isFree: seed != nil)
            var queues = Self.parts.map { part in part.rows.map { writer.nested(part.number, writer.part($0)) } }
            queues.append(strings)
            return writer.interleaved(queues)
        }
        let plain = try ProfileDecoder().decode(message(seed: nil))
        #expect(plain.samples.count == 30 && plain.locations.count == 40 && plain.functions.count == 5)
        #expect(plain.samples.values[2 * 9] == 9 && plain.samples.values[2 * 9 + 1] == -9)
        for round in 0..<300 {
            let bytes = message(seed: UInt64(round))
            let read = try ProfileDecoder().decode(bytes)
            try #require(read.encoded() == plain.encoded(), "round \(round)")
            // Cut off anywhere it is refused, or is a shorter profile: no read goes past the end.
            var random = SeededRandom(seed: UInt64(round))
            let cut = Int.random(in: 0..<bytes.count, using: &random)
            let shorter = try? ProfileDecoder().decode(Array(bytes[..<cut]))
            #expect((shorter?.samples.count ?? 0) <= 30)
        }
    }

    /// A varint of each length, at the message's end and before it.
    @Test(arguments: 0..<64)
    func varintsOfEachLengthAreReadWithAndWithoutBytesBehindThem(_ bits: UInt64) throws {
        let value = (UInt64(0xa5a5_a5a5_a5a5_a5a5) | 1 << 63) >> (63 - bits)
        var writer = WireWriter()
        writer.varint(value)
        for behind in 0..<12 {
            let bytes = writer.bytes + [UInt8](repeating: 0x81, count: behind)
            try bytes.withUnsafeBufferPointer { bytes in
                let whole = writer.bytes.count
                var cursor = try #require(WireCursor(bytes, 0..<whole))
                #expect(try cursor.varint() == value)
                #expect(cursor.offset == whole && !cursor.hasMore)
                var short = try #require(WireCursor(bytes, 0..<whole - 1))
                #expect(throws: PprofError(.truncated, "")) { try short.varint() }
            }
        }
    }
}
