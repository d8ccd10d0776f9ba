import Foundation
import Pprof

/// Times the engine on one profile: `pprof-bench FILE [ROUNDS]`; prints `name<tab>milliseconds`, the median of the rounds.
@main
struct PprofBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("pprof-bench FILE [ROUNDS]")
            return
        }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1])))
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 5 : 5
        try measure("parse", rounds: rounds * 40) { _ = try ProfileDecoder().decode(bytes) }
        for count in [100, 1000] {
            try measure("merge \(count)", rounds: rounds) { _ = try merge(bytes, count) }
        }
        print("resident after\t\(residentMebibytes())")
    }

    static func merge(_ bytes: [UInt8], _ count: Int) throws -> [UInt8] {
        var merger = ProfileMerger()
        let decoder = ProfileDecoder()
        for _ in 0..<count { try merger.add(decoder.decode(bytes)) }
        return try merger.finish().gzipped()
    }

    static func measure(_ name: String, rounds: Int, _ work: () throws -> Void) rethrows {
        var times: [Double] = []
        for _ in 0..<rounds {
            let begin = processorMilliseconds()
            try work()
            times.append(processorMilliseconds() - begin)
        }
        times.sort()
        print("\(name)\t\(times[times.count / 2])")
    }

    /// Processor time of this process: the machine may be busy with other work.
    static func processorMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// `VmHWM` of this process: the most memory it had.
    static func residentMebibytes() -> String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return line.map { String($0.dropFirst(6)).trimmingCharacters(in: .whitespaces) } ?? "?"
    }
}
