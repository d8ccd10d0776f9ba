import APIMachinery
import Digests
import Foundation
import Logging
import Pprof
import ProfileStore

/// Where the time of a create goes: `create-bench PROFILE DIRECTORY` prints microseconds per profile for inflating, for decoding
/// with validation, for hashing, and for a durable commit shared by eight writers.
@main
struct CreateBench {
    static func main() async throws {
        if CommandLine.arguments.count == 6, CommandLine.arguments[1] == "day" { return try await day() }
        guard CommandLine.arguments.count == 3 else { throw Usage() }
        let profile = Array(try Data(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1])))
        let message = try Gzip.inflate(profile, limit: 256 << 20)
        let decoder = ProfileDecoder()
        let inflate = try microseconds { _ = try Gzip.inflate(profile, limit: 256 << 20) }
        let decode = try microseconds { _ = try decoder.facts(of: message) }
        let hash = try microseconds { _ = SHA256.digest(profile) }
        let commit = try await commits(of: profile, in: CommandLine.arguments[2])
        print("inflate \(inflate) decode \(decode) hash \(hash) commit \(commit)")
    }

    struct Usage: Error, CustomStringConvertible {
        let description = "create-bench PROFILE DIRECTORY | create-bench day PROFILE DIRECTORY RATE HOURS"
    }

    private static func day() async throws {
        let arguments = CommandLine.arguments
        guard let rate = Int(arguments[4]), let hours = Int(arguments[5]), rate > 0, hours > 2 else { throw Usage() }
        let profile = Array(try Data(contentsOf: URL(fileURLWithPath: arguments[2])))
        print(try await Day(profile: profile, directory: arguments[3], rate: rate, hours: hours).run())
    }

    /// The mean of a second of calls, after a warm-up of ten.
    static func microseconds(_ body: () throws -> Void) throws -> Int {
        for _ in 0..<10 { try body() }
        let clock = ContinuousClock()
        let start = clock.now
        var calls = 0
        while clock.now - start < .seconds(1) {
            try body()
            calls += 1
        }
        return Int((clock.now - start) / calls / .microseconds(1))
    }

    /// Elapsed time of one of three thousand creates by eight writers: what the store adds to a profile's own work.
    static func commits(of profile: [UInt8], in directory: String) async throws -> Int {
        let store = try EmbeddedStore(
            configuration: EmbeddedStoreConfiguration(directory: directory), logger: Logger(label: "bench"))
        let (writers, each) = (8, 375)
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<each { _ = try await store.create(draft("p-\(writer)-\(number)", profile)) }
                }
            }
            try await group.waitForAll()
        }
        let elapsed = clock.now - start
        await store.close()
        return Int(elapsed / (writers * each) / .microseconds(1))
    }

    /// An object of the size of a Profile, with as many labels and selectable fields.
    static func draft(_ name: String, _ profile: [UInt8]) -> ObjectDraft {
        let words = ["service", "type", "podRef.name", "nodeName", "container", "source.kind", "source.name"]
        let status = String(repeating: #"{"type":"cpu","unit":"nanoseconds","total":1320000000},"#, count: 18)
        return ObjectDraft(
            resource: "profiles", key: ObjectKey(namespace: "bench", name: name), uid: name,
            labels: [
                "profefe.io/service": "frontend", "profefe.io/type": "cpu", "profefe.io/created-at": "1763712000",
            ],
            fields: Dictionary(uniqueKeysWithValues: words.map { ("spec.\($0)", "frontend-7") }), createdAt: 1,
            payload: profile
        ) { version in
            let metadata = #"{"name":"\#(name)","namespace":"bench","resourceVersion":"\#(version)"}"#
            let head = #"{"apiVersion":"profefe.io/v1","kind":"Profile","metadata":"#
            return EncodedObject(
                json: Array("\(head)\(metadata),\"status\":[\(status)0]}".utf8),
                metadata: head.utf8.count..<(head.utf8.count + metadata.utf8.count), cells: [], createdAt: 1,
                resourceVersion: version)
        }
    }
}
