import Foundation
import TestSupport
import Testing

/// A store that can't be had: nothing is lost, discovery and liveness go on, data requests are told to come back. E02, E03, D02, S06, H02.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct UnusableStoreTests {
    /// What a server without its store answers.
    private func expectNoData(_ server: RunningServer) async throws {
        #expect(try await server.curl("/livez", as: nil).status == 200)
        let ready = try await server.curl("/readyz?verbose", as: nil)
        #expect(ready.status == 500 && ready.text.contains("[-]storage failed"), "\(ready.text)")
        let discovery = try await server.curl("/apis", as: .nobody, "-H", "Accept: \(DiscoveryTests.v2)")
        #expect(discovery.status == 200 && discovery.contentType == DiscoveryTests.v2)
        #expect(try await server.curl("/apis/profefe.io/v1", as: .nobody).status == 200)
        let body = ["--data-binary", "@\(ServerHome.profile("cpu").path)"]
        let requests: [(String, [String])] = [
            (RunningServer.path("shop"), []), (RunningServer.path("shop", "p1"), []),
            (RunningServer.path("shop", "p1", "download"), []),
            (RunningServer.path("shop") + "?watch=true", []),
            (RunningServer.path("shop") + "?watch=true&resourceVersion=5", []),
            (RunningServer.path("shop", "p1"), ["-X", "DELETE"]),
            (RunningServer.uploads("shop"), body),
        ]
        for (path, arguments) in requests {
            let answer = try await server.curl(path, as: .admin, arguments)
            #expect(answer.status == 503, "\(path) \(arguments): \(answer.text)")
            #expect(
                answer.json["reason"].string == "ServiceUnavailable" && answer.json["code"].integer == 503, "\(path)")
            #expect(answer.headers["retry-after"]?.first.flatMap { Int($0) } ?? 0 > 0, "\(path)")
        }
        // Rights come first.
        #expect(try await server.curl(RunningServer.path("shop"), as: .nobody).status == 403)
    }

    @Test func `E03 a second server on the directory waits, says for whom, and takes over`() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        try await RunningServer.start(in: home).use { first in
            let name = try #require(try await first.upload("shop")["metadata"]["name"].string)
            try await RunningServer.start(in: home, ready: false).use { second in
                try await eventually("the second says who has the directory") {
                    second.log.contains("process \(first.processIdentifier) has this data directory")
                }
                try await expectNoData(second)
                #expect(try await first.curl(RunningServer.path("shop", name)).status == 200)
                _ = try await first.upload("shop")

                first.send(SIGKILL)
                _ = try await first.ended()
                try await eventually("the second is ready") { try await second.curl("/readyz", as: nil).status == 200 }
                #expect(try await second.curl(RunningServer.path("shop")).json["items"].array.count == 2)
                let bytes = try await second.curl(RunningServer.path("shop", name, "download")).body
                #expect(bytes == Array(try Data(contentsOf: ServerHome.profile("cpu"))))
            }
        }
    }

    /// How a database comes to harm.
    enum Harm: String, CaseIterable {
        case notADatabase, middle, cut, empty

        func apply(_ good: Data) -> Data {
            switch self {
            case .notADatabase: Data("these are not SQLite's first bytes".utf8) + good.dropFirst(34)
            case .middle: good.prefix(4096) + Data(repeating: 0xA5, count: good.count - 4096)
            case .cut: good.prefix(good.count / 2)
            case .empty: Data("x".utf8)
            }
        }
    }

    @Test(arguments: Harm.allCases)
    func `E03 a damaged database is left as it is, and used again when it is mended`(_ harm: Harm) async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        var name = ""
        try await RunningServer.start(in: home).use { server in
            name = try #require(
                try await server.upload("shop", ServerHome.profile("cpu-large"))["metadata"]["name"].string)
            for _ in 0..<5 { _ = try await server.upload("shop") }
            server.send(SIGTERM)
            #expect(try await server.ended().status == 0)
        }
        let database = home.directory.url.appendingPathComponent("data/profefe.db")
        let good = try Data(contentsOf: database)
        let damaged = harm.apply(good)
        try damaged.write(to: database)
        try await RunningServer.start(in: home, ready: false).use { server in
            try await eventually("the log says that the store can't be opened") {
                server.log.contains("the store can't be opened")
            }
            #expect(server.log.contains(database.path))
            try await expectNoData(server)
            #expect(try Data(contentsOf: database) == damaged)

            // By renaming: the server looks every two seconds, and must never see half of it.
            try good.write(to: database, options: .atomic)
            try await eventually("the server is ready") { try await server.curl("/readyz", as: nil).status == 200 }
            let bytes = try await server.curl(RunningServer.path("shop", name, "download")).body
            #expect(bytes == Array(try Data(contentsOf: ServerHome.profile("cpu-large"))))
        }
    }
}
