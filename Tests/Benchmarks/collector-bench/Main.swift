import Foundation
import TestSupport

/// A profefe collector for `Tests/Benchmarks/beside-collector`: full from the start, and growing.
///
/// `collector-bench badger|s3 SERVICES PROFILES RATE` puts PROFILES into SERVICES services of seven types, taken over the last five days,
/// adds RATE a second, and prints its URL. Ends with its standard input.
@main
struct CollectorBench {
    private static let types = ["cpu", "heap", "block", "mutex", "goroutine", "threadcreate", "other"]

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let storage = FakeCollector.Storage(rawValue: arguments[1]),
            let services = Int(arguments[2]), let profiles = Int(arguments[3]), let rate = Int(arguments[4]),
            services > 0
        else { throw Trouble("collector-bench badger|s3 SERVICES PROFILES RATE") }
        let collector = try await FakeCollector.start(storage)
        let bytes = ProfileShape.labels.bytes
        let now = Int64(Date().timeIntervalSince1970)
        func add(_ number: Int, at second: Int64) {
            collector.add(
                "service-\(number % services)", types[number / services % types.count],
                [
                    ("namespace", "team-\(number % 20)"),
                    ("pod", "service-\(number % services)-7c9d8b6f5d-\(number % 7)"),
                    ("version", "1.\(number % 5).0"), ("from", "agent"),
                ], createdAt: second, bytes: bytes)
        }
        let span: Int64 = 5 * 86_400
        for number in 0..<profiles {
            add(number, at: now - span + Int64(number) * span / Int64(profiles))
        }
        FileHandle.standardOutput.write(Data("\(collector.url)\n".utf8))
        if rate > 0 {
            Task {
                var number = 0
                while !Task.isCancelled {
                    try await Task.sleep(for: .seconds(1))
                    for _ in 0..<rate {
                        add(number, at: Int64(Date().timeIntervalSince1970))
                        number += 1
                    }
                }
            }
        }
        while readLine() != nil {}
        await collector.stop()
    }
}
