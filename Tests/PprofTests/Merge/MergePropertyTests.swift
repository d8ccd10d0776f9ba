import TestSupport
import Testing

@testable import Pprof

/// What must hold of the sum of any profiles.
struct MergePropertyTests {
    /// A profile of few functions, so that stacks meet; with labels, numbers, values below 0, stacks without frames.
    private static func profile(_ random: inout SeededRandom) throws -> ValidatedProfile {
        var builder = ProfileBuilder()
        builder.addSampleType("samples", unit: "count")
        builder.addSampleType("cpu", unit: "nanoseconds")
        let start: UInt64 = 0x1000
        let mapping = builder.mapping(start: start, limit: start + 0x1000, filename: "/bin/a", buildID: "id")
        let locations = (0..<6).map { number in
            let function = builder.function("f\(number % 4)", filename: "f.go")
            return builder.location(
                address: start + UInt64(number) * 16, mapping: number % 2 == 0 ? mapping : .none,
                lines: [.init(function: function, line: Int64(number % 3))])
        }
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let depth = Int.random(in: 0...3, using: &random)
            let stack = (0..<depth).map { _ in locations[Int.random(in: 0..<locations.count, using: &random)] }
            var labels: [ProfileBuilder.Label] = []
            if Bool.random(using: &random) {
                labels.append(.text("k", ["a", "b"][Int.random(in: 0...1, using: &random)]))
            }
            if Bool.random(using: &random) {
                labels.append(.number("n", Int64.random(in: 1...2, using: &random), unit: "bytes"))
            }
            let values = (0..<2).map { _ in Int64.random(in: -3...9, using: &random) }
            builder.addSample(stack: stack, values: values, labels: labels)
        }
        return try ProfileDecoder().decode(builder.encoded())
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func itIsTheSumOfTheSamplesInWhateverOrder(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let parts = try (0..<3).map { _ in try Self.profile(&random) }
        var expected: [String: [Int64]] = [:]
        for part in parts { expected.merge(part.sums()) { zip($0, $1).map(&+) } }
        expected = expected.filter { $0.value.contains { $0 != 0 } }
        let merge = ProfileMergerTests.merge
        let left = try merge([merge([parts[0], parts[1]]), parts[2]])
        let right = try merge([parts[0], merge([parts[1], parts[2]])])
        #expect(try merge(parts).sums() == expected)
        #expect(left.sums() == expected)
        #expect(right.sums() == expected)
        #expect(try merge(parts.reversed()).sums() == expected)
        #expect(try ProfileDecoder().decode(left.gzipped()).sums() == expected)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whatIsSubtractedFromItselfIsNothing(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let profile = try Self.profile(&random)
        var options = DifferenceOptions()
        options.labelsBase = false
        let nothing = try profile.subtracting(profile, options)
        #expect(nothing.samples.count == 0)
        #expect(nothing.locations.count == 0)
    }
}
