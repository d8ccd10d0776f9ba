import Foundation
import TestSupport
import Testing

/// What bad clients do to the others: nothing. T05, T06, T07, S07.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: Tool.go.isPresent && Tool.curl.isPresent, Tool.go.absence))
struct FloodTests {
    /// What the server says of itself.
    private struct Readings {
        var watches: Double
        var storeWatches: Double
        var connections: Double
        /// In use: what the allocator keeps free is no leak, and differs from machine to machine.
        var megabytes: Double

        init(_ server: RunningServer) async throws {
            let text = try await server.curl("/metrics").text
            func sum(_ name: String) -> Double {
                text.split(separator: "\n").filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
                    .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
            }
            watches = sum("apiserver_longrunning_requests")
            storeWatches = sum("profefe_store_watches")
            connections = sum("apiserver_open_connections")
            megabytes = sum("profefe_heap_in_use_bytes") / 1_048_576
        }
    }

    @Test func `T07 ten thousand watches opened and let go leave nothing behind`() async throws {
        let flood = try await FloodClient.build()
        try await RunningServer.with { server in
            _ = try await server.upload("shop")
            // The controller's own.
            try await eventually("captures are followed") { try await Readings(server).storeWatches == 1 }
            var memory: [Double] = []
            for _ in 0..<10 {
                let told = try await flood.run("watches", server, RunningServer.path("shop") + "?watch=true", 1_000)
                #expect(told == "opened 1000 failed 0\n")
                try await eventually("the watches are gone", within: .seconds(60)) {
                    let now = try await Readings(server)
                    return now.watches == 0 && now.storeWatches == 1 && now.connections <= 2
                }
                memory.append(try await Readings(server).megabytes)
            }
            // A watch that stayed would cost some 10 KB, 50 MB in these rounds.
            let (early, late) = (memory[2...4].min() ?? 0, memory[7...9].min() ?? .infinity)
            #expect(late - early < 16, "MB in use after each thousand: \(memory)")
            #expect(try await server.curl("/livez", as: nil).status == 200)
        }
    }

    @Test func `heads without measure are refused and cost nobody else anything`() async throws {
        let flood = try await FloodClient.build()
        try await RunningServer.with { server in
            let before = try await Readings(server)
            async let told = flood.run("headers", server, RunningServer.path("shop"), 60)
            for _ in 0..<20 { #expect(try await server.curl("/readyz", as: nil, within: .seconds(5)).status == 200) }
            let codes = try await told
            #expect(codes.contains("200:30"), "\(codes)")
            #expect(codes.contains("431:30") || codes.contains("error:30"), "\(codes)")
            let after = try await Readings(server)
            #expect(after.megabytes - before.megabytes < 64, "from \(before.megabytes) to \(after.megabytes) MB")
            #expect(server.log.utf8.count < 200_000)
        }
    }

    @Test func `bodies that stand still are ended, and the others are served`() async throws {
        let flood = try await FloodClient.build()
        try await RunningServer.with(flags: ["--read-progress-timeout", "2s"]) { server in
            async let told = flood.run("bodies", server, RunningServer.path("shop"), 100)
            for _ in 0..<5 { _ = try await server.upload("shop") }
            #expect(try await told == "map[504:100]\n")
            #expect(try await server.curl(RunningServer.path("shop")).status == 200)
        }
    }
}
