import Foundation
import Pprof
import ProfileReport

/// Times the engine: `pprof-bench FILE [ROUNDS [DIRECTORY]]`; prints `name<tab>milliseconds of the processor`, the median of the
/// rounds. With a directory, 100 profiles of one program that are all different are left there for the peer.
@main
struct PprofBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("pprof-bench FILE [ROUNDS [DIRECTORY]]")
            return
        }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1])))
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 5 : 5
        measure("parse", rounds: rounds * 40) { () throws in _ = try ProfileDecoder().decode(bytes) }
        let before = residentMebibytes()
        for count in [100, 1000] {
            measure("merge \(count)", rounds: rounds) { _ = try merge([[UInt8]](repeating: bytes, count: count)) }
        }
        print("MiB more after these merges\t\(residentMebibytes() - before)")
        let different = try (0..<100).map { try SyntheticProfile(samples: 400, functions: 400, seed: $0).gzipped() }
        if arguments.count > 3 {
            for (number, profile) in different.enumerated() {
                try Data(profile).write(to: URL(fileURLWithPath: "\(arguments[3])/\(number)"))
            }
        }
        measure("merge 100 different", rounds: rounds) { _ = try merge(different) }
        let large = try SyntheticProfile(samples: 12_000, functions: 3000).gzipped()
        print("KiB of the large profile\t\(large.count / 1024)")
        measure("top of it", rounds: rounds) { _ = try TopReport(ProfileDecoder().decode(large)).text }
        measure("flame graph of it", rounds: rounds) {
            _ = try FlameGraph(ProfileDecoder().decode(large)).svg(title: "bench")
        }
        print(
            "KiB of that flame graph\t\(try FlameGraph(ProfileDecoder().decode(large)).svg(title: "bench").utf8.count / 1024)"
        )
    }

    static func merge(_ profiles: [[UInt8]]) throws -> [UInt8] {
        var merger = ProfileMerger()
        let decoder = ProfileDecoder()
        for profile in profiles { try merger.add(decoder.decode(profile)) }
        return try merger.finish().gzipped()
    }

    static func measure(_ name: String, rounds: Int, _ work: () throws -> Void) {
        var times: [Double] = []
        for _ in 0..<rounds {
            let begin = processorMilliseconds()
            guard (try? work()) != nil else { return print("\(name)\tfailed") }
            times.append(processorMilliseconds() - begin)
        }
        times.sort()
        print("\(name)\t\((times[times.count / 2] * 1000).rounded() / 1000)")
    }

    /// Processor time of this process: the machine may be busy with other work.
    static func processorMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// `VmHWM`: the most memory that this process had.
    static func residentMebibytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) / 1024
    }
}

/// A profile of a program with many functions: stacks of 10 to 60 frames that share their roots.
struct SyntheticProfile {
    private var builder = ProfileBuilder()
    private var state: UInt64

    /// The same functions whatever the seed; other stacks, and rows in another order.
    init(samples: Int, functions: Int, seed: UInt64 = 42) {
        state = seed
        builder.addSampleType("samples", unit: "count")
        builder.addSampleType("cpu", unit: "nanoseconds")
        let mapping = builder.mapping(
            start: 0x40_0000, limit: 0x200_0000, filename: "/bin/server", buildID: "0123456789abcdef")
        let count = functions * 4
        let shift = Int(seed) % count
        let made = (0..<count).map { place in
            let row = (place + shift) % count
            let function = builder.function(
                "github.com/example/project/internal/package\(row % functions / 40).(*Type\(row % functions)).Method",
                filename: "github.com/example/project/internal/package\(row % functions / 40)/file.go", startLine: 10)
            return builder.location(
                address: UInt64(0x40_0000 + row * 64), mapping: mapping,
                lines: [.init(function: function, line: Int64(row % 900 + 10))])
        }
        let locations = Array(made[(count - shift)...] + made[..<(count - shift)])
        for _ in 0..<samples {
            var place = next(5)
            var stack = [locations[place]]
            for _ in 0..<10 + next(50) {
                place = (place * 7 + 1 + next(3)) % locations.count
                stack.append(locations[place])
            }
            let count = Int64(1 + next(20))
            builder.addSample(stack: stack.reversed(), values: [count, count * 10_000_000])
        }
    }

    /// A number below `bound`, the same in every run.
    private mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    func gzipped() throws -> [UInt8] { try builder.gzipped() }
}
