import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import Pprof
import Testing

@testable import demo_target

@Suite(.timeLimit(.minutes(3)))
struct DemoTargetTests {
    private func withTarget(_ body: (DemoTarget, PprofClient) async throws -> Void) async throws {
        let target = try await DemoTarget.start(DemoOptions(["--listen", "127.0.0.1:0"]))
        let client = PprofClient(port: try #require(target.address.port))
        do {
            try await body(target, client)
        } catch {
            await client.client.shutdown()
            await target.stop()
            throw error
        }
        await client.client.shutdown()
        await target.stop()
    }

    static let tables: [(String, [String], String)] = [
        (
            "heap", ["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"],
            "space/bytes"
        ),
        (
            "allocs", ["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"],
            "space/bytes"
        ),
        ("block", ["contentions/count", "delay/nanoseconds"], "contentions/count"),
        ("mutex", ["contentions/count", "delay/nanoseconds"], "contentions/count"),
        ("goroutine", ["goroutine/count"], "goroutine/count"),
        ("threadcreate", ["threadcreate/count"], "threadcreate/count"),
    ]

    @Test(arguments: tables)
    func `a profile is pprof with Go's columns`(_ name: String, _ columns: [String], _ period: String) async throws {
        try await withTarget { _, client in
            let (head, body) = try await client.get("/debug/pprof/\(name)")
            #expect(head.status == .ok)
            #expect(head.headers["content-type"] == ["application/octet-stream"])
            #expect(head.headers["content-disposition"] == ["attachment; filename=\"\(name)\""])
            let facts = try ProfileDecoder().facts(of: body)
            #expect(facts.sampleTypes.map { "\($0.valueType.type)/\($0.valueType.unit)" } == columns)
            #expect(facts.periodType.map { "\($0.type)/\($0.unit)" } == period)
            #expect(facts.timeNanos > 1_700_000_000_000_000_000)
        }
    }

    @Test func `a CPU profile lasts its seconds and shows the work`() async throws {
        try await withTarget { _, client in
            let (head, body) = try await client.get("/debug/pprof/profile?seconds=1")
            #expect(head.status == .ok)
            let facts = try ProfileDecoder().facts(of: body)
            #expect(facts.sampleTypes.map(\.valueType.type) == ["samples", "cpu"])
            #expect(facts.sampleCount > 0)
            #expect(facts.durationNanos >= 1_000_000_000)
            #expect(facts.period == 10_000_000)
            let samples = facts.sampleTypes.first?.total ?? 0
            #expect(facts.sampleTypes.last?.total == samples * facts.period)
        }
    }

    @Test func `one CPU profile at a time, and one that was given up makes room`() async throws {
        try await withTarget { target, client in
            let first = Task { try await client.get("/debug/pprof/profile?seconds=100") }
            while !target.profiler.isTaken { await Task.yield() }
            let (head, body) = try await client.get("/debug/pprof/profile?seconds=1")
            #expect(head.status == .internalServerError)
            #expect(head.headers["x-go-pprof"] == ["1"])
            #expect(
                String(decoding: body, as: UTF8.self)
                    == "Could not enable CPU profiling: cpu profiling already in use\n")
            first.cancel()
            while target.profiler.isTaken { await Task.yield() }
            #expect(try await client.get("/debug/pprof/profile?seconds=1").0.status == .ok)
        }
    }

    @Test func `seconds on a table gives what came meanwhile`() async throws {
        try await withTarget { _, client in
            let (head, body) = try await client.get("/debug/pprof/allocs?seconds=1")
            #expect(head.headers["content-disposition"] == ["attachment; filename=\"allocs-delta\""])
            let facts = try ProfileDecoder().facts(of: body)
            #expect(facts.durationNanos >= 1_000_000_000)
            #expect((facts.sampleTypes.first?.total ?? 0) > 0)
        }
    }

    @Test func `a trace is what Go's tools know by its first bytes`() async throws {
        try await withTarget { _, client in
            let (head, body) = try await client.get("/debug/pprof/trace?seconds=0.01")
            #expect(head.headers["content-disposition"] == ["attachment; filename=\"trace\""])
            #expect(body.starts(with: Array("go 1.".utf8)))
        }
    }

    static let failures: [(String, UInt, String, Bool)] = [
        ("/debug/pprof/nope", 404, "Unknown profile\n", true),
        ("/debug/pprof/heap/x", 404, "Unknown profile\n", true),
        ("/debug/pprof/heap?seconds=0", 400, "invalid value for \"seconds\" - must be a positive integer\n", true),
        ("/debug/pprof/heap?seconds=-1", 400, "invalid value for \"seconds\" - must be a positive integer\n", true),
        ("/debug/pprof/heap?seconds=1.5", 400, "invalid value for \"seconds\" - must be a positive integer\n", true),
        (
            "/debug/pprof/heap?seconds=99999999999999999999", 400,
            "invalid value for \"seconds\" - must be a positive integer\n", true
        ),
        ("/", 404, "404 page not found\n", false),
        ("/debug/pprof", 404, "404 page not found\n", false),
    ]

    @Test(arguments: failures)
    func `an error is text and says that it is pprof's`(
        _ target: String, _ status: UInt, _ text: String, _ isPprof: Bool
    ) async throws {
        try await withTarget { _, client in
            let (head, body) = try await client.get(target)
            #expect(head.status.code == status)
            #expect(head.headers["x-go-pprof"] == (isPprof ? ["1"] : []))
            #expect(head.headers["content-type"] == ["text/plain; charset=utf-8"])
            #expect(String(decoding: body, as: UTF8.self) == text)
        }
    }
}

struct DemoOptionsTests {
    static let accepted: [([String], String, Int, Int)] = [
        ([], "127.0.0.1", 6060, 2), (["--listen", "0.0.0.0:0"], "0.0.0.0", 0, 2), (["--listen=[::1]:81"], "::1", 81, 2),
        (["--listen=:7"], "127.0.0.1", 7, 2), (["--workers", "64"], "127.0.0.1", 6060, 64),
    ]

    @Test(arguments: accepted)
    func `options are read`(_ arguments: [String], _ host: String, _ port: Int, _ workers: Int) throws {
        let options = try DemoOptions(arguments)
        #expect(options.host == host && options.port == port && options.workers == workers)
    }

    @Test(arguments: [
        ["--listen"], ["--listen", "x"], ["--listen", "x:y"], ["--listen", "x:65536"], ["--listen", "x:-1"],
        ["--workers", "0"],
        ["--workers", "65"], ["--workers="], ["--what", "1"],
    ])
    func `bad options are refused`(_ arguments: [String]) {
        #expect(throws: OptionError.self) { try DemoOptions(arguments) }
    }
}

/// Fetches from a pprof endpoint with our own client.
struct PprofClient: Sendable {
    let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton)
    let port: Int

    func get(_ target: String) async throws -> (HTTPTransport.HTTPResponseHead, [UInt8]) {
        let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: port, target: target))
        let body = try await response.collect(upTo: 64 << 20)
        return (response.head, Array(body.readableBytesView))
    }
}
