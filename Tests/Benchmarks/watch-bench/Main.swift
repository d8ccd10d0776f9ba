import Glibc
import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix

/// Loads a server with watches and tells what they cost. `$TOKEN` and `$CA` (a file) are for the connection.
///
/// ```
/// watch-bench until URL TEXT                      ms to the line that contains the text, lines, megabytes
/// watch-bench lines URL COUNT                     ms to that many lines
/// watch-bench hold URL COUNT                      opens watches, prints "open", holds them until standard input ends
/// watch-bench fan URL COUNT FILE RATE SECONDS     watches while objects are patched: see Fan
/// ```
/// In an URL `@` stands for the number of the watch, modulo `$GROUPS_OF_WATCHES`.
@main
struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 3, let mode = arguments.first else {
            print("usage: watch-bench until|lines|hold|fan URL …")
            exit(2)
        }
        let rest = Array(arguments.dropFirst(2))
        let server = try BenchServer(url: arguments[2])
        switch mode {
        case "until":
            let (time, lines, bytes) = try await server.read { $0.contains(rest[0]) }
            print(time, lines, Double(bytes) / 1e6)
        case "lines":
            let count = Int(rest[0]) ?? 1
            let (time, _, _) = try await server.read(lines: count)
            print(time)
        case "hold":
            try await server.hold(Int(rest[0]) ?? 1)
        case "fan":
            try await Fan(server, watches: Int(rest[0]) ?? 1, objects: rest[1]).run(
                rate: Int(rest[2]) ?? 1, seconds: Int(rest[3]) ?? 1)
        default: exit(2)
        }
        exit(0)
    }
}

/// The server under load, and how it is asked.
struct BenchServer: Sendable {
    let host: String
    let port: Int
    let target: String
    let groups: Int
    /// The loop of all connections. Who reads many answers does it there: a hop to another thread and back costs more than a line.
    let executor: LoopExecutor
    private let client: HTTPClient
    /// For what is written: its answers don't queue behind events.
    private let writer: HTTPClient
    private let token: String

    init(url: String) throws {
        let place = url.dropFirst("https://".count)
        let slash = place.firstIndex(of: "/") ?? place.endIndex
        let authority = place[..<slash].split(separator: ":")
        host = String(authority[0])
        port = Int(authority.last ?? "443") ?? 443
        target = String(place[slash...])
        token = String(cString: getenv("TOKEN"))
        groups = getenv("GROUPS_OF_WATCHES").flatMap { Int(String(cString: $0)) } ?? 1
        var configuration = HTTPClientConfiguration(
            tls: ClientTLSConfiguration(trust: .authorities(.file(String(cString: getenv("CA"))))))
        configuration.multiplexedConnectionsPerOrigin = 16
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        executor = LoopExecutor(group.next())
        client = HTTPClient(group: group, configuration: configuration)
        configuration.multiplexedConnectionsPerOrigin = 1
        writer = HTTPClient(group: group, configuration: configuration)
    }

    func send(
        _ target: String, _ method: HTTPMethod = .GET, _ more: HTTPHeaders = [:], body: ByteBuffer? = nil
    ) async throws -> ClientResponse {
        var headers: HTTPHeaders = ["authorization": "Bearer \(token)", "user-agent": "bench"]
        if let accept = getenv("ACCEPT") { headers.add(name: "accept", value: String(cString: accept)) }
        headers.add(contentsOf: more)
        let day = Duration.seconds(86_400)
        let response = try await (method == .GET ? client : writer).execute(
            ClientRequest(
                method: method, scheme: .https, host: host, port: port, target: target, headers: headers, body: body,
                deadlines: ClientDeadlines(idle: day, total: day)))
        guard (200..<300).contains(response.head.status.code) else {
            print("\(method) \(target): \(response.head.status)")
            exit(1)
        }
        return response
    }

    /// The target of one of many watches.
    func target(_ number: Int) -> String {
        target.split(separator: "@", omittingEmptySubsequences: false).joined(separator: "\(number % groups)")
    }

    /// Reads until a piece satisfies; milliseconds from the request, lines, bytes.
    func read(until holds: (String) -> Bool) async throws -> (Double, Int, Int) {
        _ = try await send("/version").collect(upTo: 1 << 20)
        let start = ContinuousClock.now
        let response = try await send(target(0))
        var (lines, bytes) = (0, 0)
        var tail = ""
        while let piece = try await response.next() {
            lines += piece.newlines
            bytes += piece.readableBytes
            // The end of a piece, with what the one before left: the text may lie across.
            let end = String(decoding: piece.readableBytesView.suffix(4096), as: UTF8.self)
            if holds(tail + end) { return ((ContinuousClock.now - start) / .milliseconds(1), lines, bytes) }
            tail = end
        }
        print("the stream ended after \(lines) lines")
        exit(1)
    }

    func read(lines count: Int) async throws -> (Double, Int, Int) {
        _ = try await send("/version").collect(upTo: 1 << 20)
        let start = ContinuousClock.now
        let response = try await send(target(0))
        var (lines, bytes) = (0, 0)
        while let piece = try await response.next() {
            lines += piece.newlines
            bytes += piece.readableBytes
            if lines >= count { return ((ContinuousClock.now - start) / .milliseconds(1), lines, bytes) }
        }
        print("the stream ended after \(lines) lines of \(count)")
        exit(1)
    }

    func hold(_ count: Int) async throws {
        var held: [ClientResponse] = []
        for number in 0..<count { held.append(try await send(target(number))) }
        print("open")
        fflush(nil)
        await Task.detached { while getchar() != EOF {} }.value
        withExtendedLifetime(held) {}
    }
}

extension ByteBuffer {
    /// Ends of lines; the only look at most of what is received.
    var newlines: Int {
        withUnsafeReadableBytes { bytes in
            var (count, rest) = (0, bytes)
            while let start = rest.baseAddress, let end = memchr(start, 0x0A, rest.count) {
                count += 1
                rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(end) - start + 1)...])
            }
            return count
        }
    }
}
