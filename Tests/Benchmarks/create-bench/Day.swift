import APIMachinery
import Foundation
import Logging
import NIOConcurrencyHelpers
import ProfileStore

/// A day of a store with retention, in minutes: the store's clock goes on by what was created.
///
/// `create-bench day PROFILE DIRECTORY RATE HOURS` stores RATE profiles for each second of HOURS with an hour's retention, by two writers
/// that wait for nothing, and prints the bytes of the store's files after the first two hours (least and most, their difference in percent of
/// the most), the 50th, 99th and 99.9th percentile of a create, the most, and creates per second.
struct Day {
    let profile: [UInt8]
    let directory: String
    let rate: Int
    let hours: Int

    private static let start: Int64 = 1_700_000_000
    private static let writers = 2

    /// What was seen while it ran.
    private struct Seen: Sendable {
        var created = 0
        var milliseconds: [Float] = []
        var sizes: [Int] = []
        var nextLook = 2 * 3600
    }

    func run() async throws -> String {
        let seen = NIOLockedValueBox(Seen())
        let rate = rate
        var configuration = EmbeddedStoreConfiguration(directory: directory) {
            Self.start + Int64(seen.withLockedValue { $0.created } / rate)
        }
        // As many profiles between two ticks as two seconds bring at that rate: a tick per profile would be another store.
        configuration.upkeepInterval = .seconds(Double(2 * rate) / (try await pace()))
        configuration.retention.policy = { RetentionPolicy(.seconds(3600)) }
        let store = try EmbeddedStore(configuration: configuration, logger: Logger(label: "bench"))
        let total = hours * 3600 * rate
        let clock = ContinuousClock()
        let begin = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for number in 0..<(total / Self.writers) {
                        let start = clock.now
                        _ = try await store.create(CreateBench.draft("p-\(writer)-\(number)", profile))
                        note((clock.now - start) / .milliseconds(1), seen)
                    }
                }
            }
            try await group.waitForAll()
        }
        let elapsed = (clock.now - begin) / .seconds(1)
        let left = store.statistics.usage.values.reduce(0) { $0 + $1.objects }
        await store.close()
        return seen.withLockedValue { Self.report($0, elapsed, left) }
    }

    /// Creates per second on this machine, of a store that is thrown away.
    private func pace() async throws -> Double {
        let directory = "\(directory)/pace"
        let store = try EmbeddedStore(
            configuration: EmbeddedStoreConfiguration(directory: directory), logger: Logger(label: "bench"))
        let clock = ContinuousClock()
        let begin = clock.now
        let each = 250
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for number in 0..<each {
                        _ = try await store.create(CreateBench.draft("p-\(writer)-\(number)", profile))
                    }
                }
            }
            try await group.waitForAll()
        }
        let elapsed = (clock.now - begin) / .seconds(1)
        await store.close()
        try FileManager.default.removeItem(atPath: directory)
        return Double(Self.writers * each) / max(0.001, elapsed)
    }

    private func note(_ milliseconds: Double, _ seen: NIOLockedValueBox<Seen>) {
        let isDue = seen.withLockedValue { seen in
            seen.created += 1
            seen.milliseconds.append(Float(milliseconds))
            guard seen.created / rate >= seen.nextLook else { return false }
            seen.nextLook += 300
            return true
        }
        guard isDue else { return }
        let bytes = size()
        seen.withLockedValue { $0.sizes.append(bytes) }
    }

    /// Bytes of the database and its log.
    private func size() -> Int {
        ["profefe.db", "profefe.db-wal"].reduce(0) { sum, name in
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            return sum + (facts?[.size] as? Int ?? 0)
        }
    }

    private static func report(_ seen: Seen, _ elapsed: Double, _ left: Int64) -> String {
        let times = seen.milliseconds.sorted()
        func percentile(_ share: Double) -> String {
            times.isEmpty ? "-" : String(format: "%.1f", times[min(times.count - 1, Int(Double(times.count) * share))])
        }
        let (least, most) = (seen.sizes.min() ?? 0, seen.sizes.max() ?? 0)
        let spread = Double(most - least) / Double(max(1, most)) * 100
        return "size \(least >> 20) \(most >> 20) MB spread \(String(format: "%.1f", spread)) % "
            + "p50 \(percentile(0.5)) p99 \(percentile(0.99)) p999 \(percentile(0.999)) max \(percentile(1)) ms "
            + "rate \(Int(Double(times.count) / elapsed)) left \(left)"
    }
}
