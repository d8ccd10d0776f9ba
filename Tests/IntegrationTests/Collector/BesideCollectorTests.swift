import Foundation
import Synchronization
import TestSupport
import Testing

/// The built server beside an existing collector.
@Suite(.timeLimit(.minutes(5)), .serverLog) struct BesideCollectorTests {
    private static func with<R>(
        _ kind: CollectorKind, _ body: (CollectorKind.Running, RunningServer) async throws -> R
    ) async throws -> R {
        try await kind.with { collector in
            try await RunningServer.with(
                flags: [
                    "--store=collector", "--collector-url=\(collector.url)", "--collector-poll-interval=1s",
                    "--unscoped-namespace=elsewhere",
                ]
            ) { server in try await body(collector, server) }
        }
    }

    private static func names(_ server: RunningServer, _ namespace: String) async throws -> Set<String> {
        let list = try await server.curl(RunningServer.path(namespace)).json["items"].array
        return Set(list.compactMap { $0["metadata"]["name"].string })
    }

    @Test(.enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence), arguments: CollectorKind.present)
    func profilesOfACollectorAreNative(_ kind: CollectorKind) async throws {
        try await Self.with(kind) { collector, server async throws in
            let cpu = ServerHome.profile("cpu")
            let id = try await collector.send("web", "cpu", labels: "namespace%3Dshop,pod%3Dweb-1,version%3D1", cpu)
            try await collector.send("web", "heap", labels: "", ServerHome.profile("heap"))
            try await eventually("both are mirrored", within: .seconds(60)) {
                let (shop, elsewhere) = (
                    try await Self.names(server, "shop"), try await Self.names(server, "elsewhere")
                )
                return shop.count == 1 && elsewhere.count == 1
            }
            let name = try #require(try await Self.names(server, "shop").first)
            #expect(id.contains(name))

            let table = try await server.kubectl("get", "profiles", "-n", "shop", "-l", "version=1,profefe.io/type=cpu")
            #expect(table.text.contains(name) && table.text.contains("web-1"))
            let raw = try await server.kubectl("get", "--raw", RunningServer.path("shop", name, "download"))
            #expect(try Array(Data(contentsOf: cpu)) == raw.out)
            let top = try await server.kubectl("get", "profile", name, "-n", "shop", "--subresource=top")
            #expect(top.status == 0, "\(top.everything)")
            let read = try await server.kubectl("get", "profile", name, "-n", "shop")
            #expect(!read.text.contains("<unknown>"))

            let deletion = try await server.kubectl("delete", "profile", name, "-n", "shop", "--wait=false")
            #expect(deletion.status != 0 && deletion.everything.contains("can't delete"), "\(deletion.everything)")
        }
    }

    @Test(arguments: CollectorKind.present)
    func whatIsSentToTheServerIsTheCollectors(_ kind: CollectorKind) async throws {
        try await Self.with(kind) { collector, server async throws in
            let profile = try await server.upload(
                "shop", service: "web", query: "type=allocs", ServerHome.profile("allocs"))
            let id = try #require(profile["spec"]["id"].string)
            #expect(try await collector.ids("web", "other") == [id])
            let name = try #require(profile["metadata"]["name"].string)
            #expect(try await Self.names(server, "shop") == [name])
            let download = try await server.curl(RunningServer.path("shop", name, "download"))
            #expect(try Array(Data(contentsOf: ServerHome.profile("allocs"))) == download.body)
        }
    }

    /// Lists, reads and writes go on while the collector is killed and started again: none of them is ever told what isn't so.
    @Test(arguments: CollectorKind.present)
    func aCollectorThatIsKilledUnderLoadIsSurvived(_ kind: CollectorKind) async throws {
        try await Self.with(kind) { collector, server async throws in
            let first = try await server.upload("shop", service: "web")
            let name = try #require(first["metadata"]["name"].string)
            let load = CollectorLoad(server: server, name: name)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await load.read() }
                group.addTask { try await load.write() }
                await collector.kill()
                try await eventually("lists say that they are old", within: .seconds(60)) {
                    try await server.curl(RunningServer.path("shop")).headers["warning"]?.first?.contains("as of")
                        == true
                }
                try await eventually("a write was refused", within: .seconds(60)) {
                    load.seen["write"]?.contains(503) == true
                }
                #expect(try await server.curl("/readyz", as: nil).status == 200)
                try await collector.restart()
                try await eventually("lists are new again", within: .seconds(60)) {
                    try await server.curl(RunningServer.path("shop")).headers["warning"] == nil
                }
                load.end()
                try await group.waitForAll()
            }
            let seen = load.seen
            #expect(seen["list"] == [200] && seen["get"] == [200], "\(seen)")
            #expect(seen["read"]?.subtracting([200, 503]).isEmpty == true, "\(seen)")
            #expect(seen["write"]?.subtracting([201, 503]).isEmpty == true, "\(seen)")
            // All that the collector has is here, and nothing else.
            try await eventually("the mirror has what the collector has", within: .seconds(60)) {
                let ids = try await collector.ids("web", "cpu")
                let names = try await Self.names(server, "shop")
                return ids.count == names.count && ids.allSatisfy { id in names.contains { id.contains($0) } }
            }
        }
    }

    @Test func aServerStartsThoughItsCollectorIsAway() async throws {
        let port = try FreePort.find()
        try await RunningServer.with(
            flags: ["--store=collector", "--collector-url=http://127.0.0.1:\(port)", "--collector-poll-interval=1s"]
        ) { server async throws in
            let list = try await server.curl(RunningServer.path("shop"))
            #expect(list.status == 200)
            #expect(list.headers["warning"]?.first?.contains("unreachable") == true, "\(list.headers)")
            #expect(try await server.curl(RunningServer.path("shop", "dc1b4db8di1926omun9g")).status == 503)
        }
    }

    @Test func aStoreOfOnesOwnIsNotTakenForAMirror() async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        let own = try await RunningServer.start(in: home)
        try await own.use { _ = try await $0.upload("shop") }
        try await FakeCollector.with { collector in
            let server = try await RunningServer.start(
                in: home, flags: ["--store=collector", "--collector-url=\(collector.url)"], ready: false)
            try await server.use { server async throws in
                try await eventually("the log says why", within: .seconds(60)) {
                    server.log.contains("holds objects of its own")
                }
                #expect(try await server.curl("/readyz", as: nil).status == 500)
            }
        }
        let again = try await RunningServer.start(in: home)
        let kept = try await again.use { try await Self.names($0, "shop").count }
        #expect(kept == 1)
    }
}

/// Clients of a server beside a collector, and the statuses that they were answered with.
private final class CollectorLoad: Sendable {
    private let server: RunningServer
    private let name: String
    private let statuses = Mutex<[String: Set<Int>]>([:])
    private let isOver = Mutex(false)

    init(server: RunningServer, name: String) {
        self.server = server
        self.name = name
    }

    var seen: [String: Set<Int>] { statuses.withLock { $0 } }

    func end() { isOver.withLock { $0 = true } }

    func read() async throws {
        while !isOver.withLock({ $0 }), !Task.isCancelled {
            note("list", try await server.curl(RunningServer.path("shop")).status)
            note("get", try await server.curl(RunningServer.path("shop", name)).status)
            note("read", try await server.curl(RunningServer.path("shop", name, "download")).status)
        }
    }

    func write() async throws {
        let cpu = ServerHome.profile("cpu").path
        while !isOver.withLock({ $0 }), !Task.isCancelled {
            let path = RunningServer.uploads("shop", "web")
            note("write", try await server.curl(path, as: .admin, "--data-binary", "@\(cpu)").status)
        }
    }

    private func note(_ what: String, _ status: Int) {
        statuses.withLock { _ = $0[what, default: []].insert(status) }
    }
}
