import Glibc
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Watches while objects are patched: from the answer of a patch, behind its commit, to the last watch that is told of it.
///
/// Objects are the lines of a file: the path of each and the number of the group of watches that see it. All watches of a group are
/// told the same events in the same order, that of their versions, so the n-th line of each is the n-th patch of the group.
struct Fan {
    /// What one group saw and what was done to it.
    private struct Group {
        /// When the last watch had the n-th event.
        var told: [ContinuousClock.Instant] = []
        var answers: [(version: Int, time: ContinuousClock.Instant)] = []
    }

    private let server: BenchServer
    private let watches: Int
    private let objects: [(path: String, group: Int)]
    private let groups: [NIOLockedValueBox<Group>]
    private let deliveries = NIOLockedValueBox(0)

    init(_ server: BenchServer, watches: Int, objects file: String) throws {
        self.server = server
        self.watches = watches
        var objects: [(path: String, group: Int)] = []
        guard let input = fopen(file, "r") else { throw TransportError(.configuration, "can't read \(file)") }
        defer { fclose(input) }
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), input) != nil {
            let line = String(
                decoding: buffer.prefix { $0 != 0 && $0 != 0x0A }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let parts = line.split(separator: " ")
            if parts.count == 2, let group = Int(parts[1]) { objects.append((String(parts[0]), group)) }
        }
        self.objects = objects
        groups = (0..<server.groups).map { _ in NIOLockedValueBox(Group()) }
    }

    func run(rate: Int, seconds: Int) async throws {
        var open: [ClientResponse] = []
        for number in 0..<watches { open.append(try await server.send(server.target(number))) }
        let readers = Task { [open] in
            await withDiscardingTaskGroup { tasks in
                for (number, response) in open.enumerated() {
                    tasks.addTask { try? await follow(response, groups[number % groups.count]) }
                }
            }
        }
        let expected = try await write(rate: rate, seconds: seconds)
        let end = ContinuousClock.now + .seconds(30)
        while deliveries.withLockedValue({ $0 }) < expected, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
        readers.cancel()
        report(expected: expected, seconds: seconds)
    }

    private func follow(_ response: ClientResponse, _ group: NIOLockedValueBox<Group>) async throws {
        var count = 0
        while let piece = try await response.next() {
            let lines = piece.newlines
            guard lines > 0 else { continue }
            let now = ContinuousClock.now
            group.withLockedValue { group in
                while group.told.count < count + lines { group.told.append(now) }
                for index in count..<count + lines where group.told[index] < now { group.told[index] = now }
            }
            count += lines
            deliveries.withLockedValue { $0 += lines }
        }
    }

    /// Patches at a steady rate; how many deliveries that makes.
    private func write(rate: Int, seconds: Int) async throws -> Int {
        let start = ContinuousClock.now
        let done = NIOLockedValueBox(0)
        try await withThrowingDiscardingTaskGroup { tasks in
            for number in 0..<rate * seconds {
                let due = start + .seconds(1) * number / rate
                if due > .now { try await Task.sleep(until: due, clock: .continuous) }
                // A server that is behind isn't asked for more than it lets in.
                while number - done.withLockedValue({ $0 }) >= 100 { try await Task.sleep(for: .milliseconds(1)) }
                tasks.addTask {
                    defer { done.withLockedValue { $0 += 1 } }
                    try await patch(objects[number % objects.count], number)
                }
            }
        }
        let each = watches / groups.count
        return groups.reduce(0) { $0 + $1.withLockedValue { $0.answers.count } * each }
    }

    private func patch(_ object: (path: String, group: Int), _ number: Int) async throws {
        let body = ByteBuffer(string: #"{"metadata":{"labels":{"turn":"\#(getpid())-\#(number)"}}}"#)
        let response = try await server.send(
            object.path, .PATCH, ["content-type": "application/merge-patch+json"], body: body)
        let answer = String(buffer: try await response.collect(upTo: 1 << 20))
        let time = ContinuousClock.now
        let mark = #""resourceVersion":""#
        guard let place = answer.firstRange(of: mark),
            let version = Int(answer[place.upperBound...].prefix { $0.isNumber })
        else { return }
        groups[object.group].withLockedValue { $0.answers.append((version, time)) }
    }

    private func report(expected: Int, seconds: Int) {
        var delays: [Double] = []
        for group in groups {
            group.withLockedValue { group in
                let answers = group.answers.sorted { $0.version < $1.version }
                for (answer, told) in zip(answers, group.told) {
                    delays.append((told - answer.time) / .milliseconds(1))
                }
            }
        }
        delays.sort()
        guard !delays.isEmpty else { return print("nothing was told") }
        func part(_ share: Double) -> String { String(Int((delays[Int(Double(delays.count - 1) * share)]).rounded())) }
        let told = deliveries.withLockedValue { $0 }
        print("p50 \(part(0.5)) p99 \(part(0.99)) max \(part(1)) ms, \(told) of \(expected) told, \(told / seconds)/s")
    }
}
