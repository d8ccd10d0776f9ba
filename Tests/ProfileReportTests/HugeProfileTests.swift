import Foundation
import Pprof
import TestSupport
import Testing

@testable import ProfileReport

/// Profiles far larger than the fixtures: ids of three bytes, tables that grow many times, every name its own.
struct HugeProfileTests {
    /// 4,000 stacks of 5 to 44 frames among 18,000 locations of 9,000 functions.
    private static func profile(seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        var builder = ProfileBuilder()
        builder.addSampleType("samples", unit: "count")
        builder.addSampleType("cpu", unit: "nanoseconds")
        let mapping = builder.mapping(start: 0x40_0000, limit: 0x400_0000, filename: "/bin/huge", buildID: "c0ffee")
        // The address space is another in each process; rows are in another order too.
        let locations = (0..<18_000).shuffled(using: &random).map { row in
            let number = row / 2
            let function = builder.function(
                "example.test/huge/package\(number / 50).(*Type\(number)).Method",
                filename: "/src/package\(number / 50)/file.go", startLine: Int64(number % 700))
            return builder.location(
                address: UInt64(0x40_0000 + row * 48), mapping: mapping,
                lines: [.init(function: function, line: Int64(number % 700 + row % 2 + 1))])
        }
        for _ in 0..<4000 {
            let count = Int.random(in: 5..<45, using: &random)
            let stack = (0..<count).map { _ in locations[Int.random(in: 0..<18_000, using: &random)] }
            let value = Int64.random(in: 1..<50, using: &random)
            builder.addSample(stack: stack, values: [value, value * 10_000_000])
        }
        return builder.encoded()
    }

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"))
    func oneAndTheSumOfTwoAreWhatGoToolPprofMakesOfThem() async throws {
        let files = [Self.profile(seed: 1), Self.profile(seed: 2)]
        #expect(files[0].count > 500_000)
        let profiles = try files.map { try ProfileDecoder().decode($0) }
        var merger = ProfileMerger()
        for profile in profiles { try merger.add(profile) }
        let sum = try merger.finish()
        #expect(sum.samples.count == 8000 && sum.locations.count > 17_990 && sum.functions.count > 8_990)

        let folder = try TemporaryDirectory("huge")
        for (number, file) in files.enumerated() {
            try Data(file).write(to: folder.url.appendingPathComponent("\(number)"))
        }
        var options = ReportOptions()
        options.nodeCount = 400
        options.nodeFraction = 0
        for (profile, paths) in [(profiles[0], ["0"]), (sum, ["0", "1"])] {
            let theirs = try await GoPprof.text(
                ["-symbolize=none", "-top", "-nodecount=400", "-nodefraction=0"] + paths.map(folder.path))
            #expect(try TopReport(profile, options).text == theirs)
        }
        #expect(try ProfileDecoder().decode(sum.encoded()).encoded() == sum.encoded())
    }
}
