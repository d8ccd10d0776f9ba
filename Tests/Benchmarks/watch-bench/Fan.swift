import Glibc
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Watches while objects are patched: from the sending of a patch, before its commit, to the last watch that is told of it.
///
/// Objects are the lines of a file: the path of each and the number of the group of watches that see it. All watches of a group are
/// told the same events in the same order, that of their versions, so the n-th line of each is the n-th patch of the group.
struct Fan {
    /// What one group saw and what was done to it.
    private struct Group {
        /// When the last watch had the n-th event.
        var told: [ContinuousClock.Instant] = []
        var patches: [(version: Int, sent: ContinuousClock.Instant)] = []
    }

    private let server: BenchServer
    private let watches: Int
    private let objects: [(path: String, group: Int)]
    private let groups: [NIOLockedValueBox<Group>]
    private let deliveries = NIOLockedValueBox((lines: 0, bytes: 0))

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
        let readers = Task(executorPreference: server.executor) { [open] in
            await withDiscardingTaskGroup { tasks in
                for (number, response) in open.enumerated() {
                    tasks.addTask { try? await follow(response, groups[number % groups.count]) }
                }
            }
        }
        let (begin, spent) = (ContinuousClock.now, Self.processorTime)
        let expected = try await withTaskExecutorPreference(server.executor) {
            try await write(rate: rate, seconds: seconds)
        }
        let written = ContinuousClock.now - begin
        let end = ContinuousClock.now + .seconds(30)
        while deliveries.withLockedValue({ $0.lines }) < expected, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
        readers.cancel()
        let time = ContinuousClock.now - begin
        report(expected: expected, written, time, processorTime: Self.processorTime - spent)
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
            deliveries.withLockedValue {
                $0.lines += lines
                $0.bytes += piece.readableBytes
            }
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
        return groups.reduce(0) { $0 + $1.withLockedValue { $0.patches.count } * each }
    }

    private func patch(_ object: (path: String, group: Int), _ number: Int) async throws {
        let body = ByteBuffer(string: #"{"metadata":{"labels":{"turn":"\#(getpid())-\#(number)"}}}"#)
        let sent = ContinuousClock.now
        let response = try await server.send(
            object.path, .PATCH, ["content-type": "application/merge-patch+json"], body: body)
        let answer = String(buffer: try await response.collect(upTo: 1 << 20))
        let mark = #""resourceVersion":""#
        guard let place = answer.firstRange(of: mark),
            let version = Int(answer[place.upperBound...].prefix { $0.isNumber })
        else { return }
        groups[object.group].withLockedValue { $0.patches.append((version, sent)) }
    }

    /// Of this process so far, in µs.
    private static var processorTime: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) * 1e6 + Double($1.tv_usec) }
    }

    private func report(expected: Int, _ written: Duration, _ time: Duration, processorTime: Double) {
        var delays: [Double] = []
        for group in groups {
            group.withLockedValue { group in
                let patches = group.patches.sorted { $0.version < $1.version }
                for (patch, told) in zip(patches, group.told) {
                    delays.append((told - patch.sent) / .milliseconds(1))
                }
            }
        }
        delays.sort()
        guard !delays.isEmpty else { return print("nothing was told") }
        func part(_ share: Double) -> String { String(Int((delays[Int(Double(delays.count - 1) * share)]).rounded())) }
        let (told, bytes) = deliveries.withLockedValue { $0 }
        let rates = [Double(told), Double(bytes) / 1e6].map { Int($0 / (time / .seconds(1))) }
        let each = (processorTime / Double(max(told, 1)) * 100).rounded() / 100
        print(
            "\(Int(Double(delays.count) / (written / .seconds(1)))) writes/s, p50 \(part(0.5)) p99 \(part(0.99)) max \(part(1)) ms, \(told) of \(expected) told,",
            "\(rates[0])/s, \(rates[1]) MB/s, client \(each) µs each")
    }
}
