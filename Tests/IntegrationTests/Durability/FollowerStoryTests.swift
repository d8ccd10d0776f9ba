import APIMachinery
import Foundation
import TestSupport
import Testing

/// Writers, followers and readers of lists beside each other, and a server that is killed and started again under them.
///
/// W01 W12: each follower keeps a copy by what its watches tell, breaks off at random and resumes at the last version it saw, also
/// behind a `kill -9`. No event may be lost, doubled, out of order or of the wrong type, nobody may be told to list again, and at
/// each bookmark the copy is what an exact list of that version shows. L02: no list, read in pages meanwhile, skips or repeats.
@Suite(.serialized, .timeLimit(.minutes(4)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct FollowerStoryTests {
    /// The selectors and forms in which the followers look at the same profiles.
    private static let views = [
        FollowedView(selector: "", isPartial: false), FollowedView(selector: "turn in (1,2,3)", isPartial: false),
        FollowedView(selector: "!turn", isPartial: true),
    ]

    @Test func `W01 W12 followers lose nothing and repeat nothing while the server is killed`() async throws {
        let seed =
            ProcessInfo.processInfo.environment["PROFEFE_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000)
        do {
            try await story(seed)
        } catch {
            Issue.record("PROFEFE_SEED=\(seed): \(error)")
        }
    }

    private func story(_ seed: UInt64) async throws {
        let home = try await ServerHome()
        defer { home.remove() }
        let seat = ServerSeat()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, view) in Self.views.enumerated() {
                group.addTask {
                    var follower = Follower(view, seat, seed: seed + UInt64(number))
                    try await follower.run()
                }
            }
            group.addTask {
                var reader = PageReader(seat, seed: seed + 10)
                try await reader.run()
            }
            group.addTask { try await lives(home, seat, seed) }
            do { try await group.waitForAll() } catch {
                await seat.finish()
                throw error
            }
        }
    }

    /// The server's lives: each but the last is ended by a signal that it can't see.
    private func lives(_ home: ServerHome, _ seat: ServerSeat, _ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed + 20)
        for life in 0..<4 {
            let delay = Duration.milliseconds(Int.random(in: 300...1200, using: &random))
            let isLast = life == 3
            try await RunningServer.start(in: home).use { server in
                await seat.take(server)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<3 {
                        let writer = ProfileChurn(server, number, seed: seed + UInt64(100 * life + number))
                        group.addTask { try await writer.run(ops: isLast ? 15 : .max) }
                    }
                    if !isLast {
                        try await Task.sleep(for: delay)
                        await seat.leave()
                        server.send(SIGKILL)
                    }
                    try await group.waitForAll()
                }
                if isLast {
                    await seat.settle()
                    await seat.waitForFollowers(Self.views.count + 1)
                }
            }
        }
    }
}

/// Where the others find the server of the moment.
private actor ServerSeat {
    private var server: RunningServer?
    private var waiting: [CheckedContinuation<RunningServer?, Never>] = []
    private var finished = 0
    private var isOver = false
    private var whenFinished: CheckedContinuation<Void, Never>?

    /// Whether the last writer is done.
    private(set) var isSettled = false

    func take(_ server: RunningServer) {
        self.server = server
        for waiter in waiting { waiter.resume(returning: server) }
        waiting = []
    }

    func leave() { server = nil }

    func settle() { isSettled = true }

    /// The server, once there is one; nil when the story ended early.
    func current() async -> RunningServer? {
        if server != nil || isOver { return server }
        return await withCheckedContinuation { waiting.append($0) }
    }

    /// One of the followers is done.
    func done() {
        finished += 1
        whenFinished?.resume()
        whenFinished = nil
    }

    func waitForFollowers(_ count: Int) async {
        while finished < count, !isOver { await withCheckedContinuation { whenFinished = $0 } }
    }

    /// Something failed: nobody waits any longer.
    func finish() {
        isOver = true
        server = nil
        for waiter in waiting { waiter.resume(returning: nil) }
        waiting = []
        whenFinished?.resume()
        whenFinished = nil
    }

    /// What the server of the moment answers; asked again where it died meanwhile.
    func ask(_ path: String, _ arguments: [String] = []) async throws -> Answer {
        while let server = await current() {
            guard let answer = try? await server.curl(path, as: .admin, arguments), answer.status != 503 else {
                continue
            }
            return answer
        }
        throw CancellationError()
    }
}

/// One who uploads, patches, replaces and deletes profiles of its own until the server dies.
private struct ProfileChurn {
    private let server: RunningServer
    private let namespace: String
    private let seed: UInt64
    private static let kinds = ["mutex", "goroutine", "heap"]

    init(_ server: RunningServer, _ number: Int, seed: UInt64) {
        self.server = server
        namespace = "churn-\(number)"
        self.seed = seed
    }

    func run(ops: Int) async throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<ops {
            guard let status = try await step(&random) else { return }
            guard [200, 201, 404, 409].contains(status) else {
                throw Trouble("\(namespace): a write was answered by \(status)")
            }
        }
    }

    /// The status of one write; nil if the server is gone.
    private func step(_ random: inout SeededRandom) async throws -> Int? {
        let turn = Int.random(in: 0..<6, using: &random)
        let choice = Int.random(in: 0..<12, using: &random)
        guard choice > 3, let name = try await anyName(&random) else {
            let kind = Self.kinds.randomElement(using: &random) ?? "heap"
            return try await send(
                RunningServer.uploads(namespace, query: "type=\(kind)"),
                ["--data-binary", "@\(ServerHome.profile(kind).path)"])
        }
        let path = RunningServer.path(namespace, name)
        switch choice {
        case 4...7:
            let turn = turn == 0 ? "null" : "\"\(turn)\""
            return try await patch(path, "merge-patch", #"{"metadata":{"labels":{"turn":\#(turn)}}}"#)
        case 8:
            let operation = #"[{"op":"add","path":"/metadata/annotations","value":{"turn":"\#(turn)"}}]"#
            return try await patch(path, "json-patch", operation)
        case 9: return try await replace(path, turn)
        case 10: return try await send(path, ["-X", "DELETE"])
        default:
            return try await send(RunningServer.path(namespace) + "?labelSelector=turn%3D\(turn)", ["-X", "DELETE"])
        }
    }

    private func patch(_ path: String, _ type: String, _ body: String) async throws -> Int? {
        try await send(path, ["-X", "PATCH", "-H", "Content-Type: application/\(type)+json", "-d", body])
    }

    private func replace(_ path: String, _ turn: Int) async throws -> Int? {
        guard let read = try? await server.curl(path), read.status == 200,
            var object = try? JSONSerialization.jsonObject(with: Data(read.body)) as? [String: Any],
            var metadata = object["metadata"] as? [String: Any]
        else { return 404 }
        metadata["annotations"] = ["replaced": "\(turn)"]
        object["metadata"] = metadata
        let body = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        return try await send(path, ["-X", "PUT", "-H", "Content-Type: application/json", "-d", body])
    }

    private func anyName(_ random: inout SeededRandom) async throws -> String? {
        let list = try? await server.curl(RunningServer.path(namespace))
        return list?.json["items"].array.randomElement(using: &random)?["metadata"]["name"].string
    }

    private func send(_ path: String, _ arguments: [String]) async throws -> Int? {
        try? await server.curl(path, as: .admin, arguments).status
    }
}

/// In what way somebody looks at all profiles.
private struct FollowedView {
    let selector: String
    let isPartial: Bool

    static let all = "/apis/profefe.io/v1/profiles"

    func path(_ query: String) -> String {
        let escaped = selector.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "\(Self.all)?labelSelector=\(escaped)&\(query)"
    }

    func accept(list: Bool) -> [String] {
        isPartial
            ? ["-H", "Accept: application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadata\(list ? "List" : "")"] : []
    }

    /// `namespace/name` and the version of each object of a list.
    static func versions(_ list: JSON) -> [String: Int] {
        Dictionary(list["items"].array.compactMap { entry($0) }) { first, _ in first }
    }

    static func entry(_ object: JSON) -> (String, Int)? {
        let metadata = object["metadata"]
        guard let namespace = metadata["namespace"].string, let name = metadata["name"].string,
            let version = metadata["resourceVersion"].string.flatMap({ Int($0) })
        else { return nil }
        return (namespace + "/" + name, version)
    }
}

/// An informer by curl: a list, then watches, one after another.
private struct Follower {
    private let view: FollowedView
    private let seat: ServerSeat
    private var random: SeededRandom
    private var objects: [String: Int] = [:]
    private var version = 0

    init(_ view: FollowedView, _ seat: ServerSeat, seed: UInt64) {
        self.view = view
        self.seat = seat
        random = SeededRandom(seed: seed)
    }

    mutating func run() async throws {
        let list = try await seat.ask(view.path(""), view.accept(list: true))
        objects = FollowedView.versions(list.json)
        version = list.json["metadata"]["resourceVersion"].string.flatMap { Int($0) } ?? 0
        while !(try await isUpToDate()) { try await watch() }
        await seat.done()
    }

    /// Whether the writers are done and everything they did was told.
    private func isUpToDate() async throws -> Bool {
        guard await seat.isSettled else { return false }
        return FollowedView.versions(try await seat.ask(view.path(""), view.accept(list: true)).json) == objects
    }

    /// One watch, ended by its time, by this client in the middle of it, or by the server's death.
    private mutating func watch() async throws {
        guard let server = await seat.current() else { throw CancellationError() }
        let cut = Int.random(in: 200...2500, using: &random)
        let version = Bool.random(using: &random) ? "--http1.1" : "--http2"
        let path = view.path("watch=true&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=\(self.version)")
        let output = try await server.startCurl(
            path, as: .admin, [version, "--max-time", "\(Double(cut) / 1000)"] + view.accept(list: false)
        ).output()
        var bookmark: (version: Int, objects: [String: Int])?
        let lines = output.out.split(separator: 0x0A, omittingEmptySubsequences: true)
        let whole = output.out.last == 0x0A ? lines[...] : lines.dropLast()
        for line in whole {
            let event = JSON(Array(line))
            if try take(event) { bookmark = (self.version, objects) }
        }
        guard let bookmark else { return }
        let exact = try await seat.ask(
            view.path("resourceVersion=\(bookmark.version)&resourceVersionMatch=Exact"), view.accept(list: true))
        guard exact.status == 200, FollowedView.versions(exact.json) == bookmark.objects else {
            throw Trouble(
                "\(view): at the bookmark \(bookmark.version) the copy is \(bookmark.objects), the list \(exact.text)")
        }
    }

    /// Takes an event over; whether it was a bookmark.
    private mutating func take(_ event: JSON) throws -> Bool {
        let type = event["type"].string ?? "nothing"
        let object = event["object"]
        if type == "BOOKMARK" {
            let told = object["metadata"]["resourceVersion"].string.flatMap { Int($0) } ?? 0
            guard told >= version else { throw Trouble("\(view): a bookmark \(told) behind \(version)") }
            version = told
            return true
        }
        guard let (key, told) = FollowedView.entry(object), told > version,
            (type == "ADDED" && objects[key] == nil) || (["MODIFIED", "DELETED"].contains(type) && objects[key] != nil)
        else { throw Trouble("\(view): \(event) after \(version), where the copy is \(objects)") }
        objects[key] = type == "DELETED" ? nil : told
        version = told
        return false
    }
}

/// Reads lists in pages while everything changes.
private struct PageReader {
    private let seat: ServerSeat
    private var random: SeededRandom

    init(_ seat: ServerSeat, seed: UInt64) {
        self.seat = seat
        random = SeededRandom(seed: seed)
    }

    mutating func run() async throws {
        repeat { try await list() } while !(await seat.isSettled)
        await seat.done()
    }

    private mutating func list() async throws {
        var token = ""
        var version: String?
        var seen: [JSON] = []
        repeat {
            let limit = Int.random(in: 3...9, using: &random)
            let page = try await seat.ask("\(FollowedView.all)?limit=\(limit)&continue=\(token)")
            guard page.status == 200 else { throw Trouble("a page of a list: \(page.status) \(page.text)") }
            let told = page.json["metadata"]["resourceVersion"].string
            guard version == nil || version == told else {
                throw Trouble("a page of \(told ?? "-") in a list of \(version ?? "-")")
            }
            version = told
            seen += page.json["items"].array
            token = page.json["metadata"]["continue"].string ?? ""
        } while !token.isEmpty
        let exact = try await seat.ask(
            "\(FollowedView.all)?resourceVersion=\(version ?? "")&resourceVersionMatch=Exact")
        let names = seen.map { FollowedView.entry($0).map { "\($0) \($1)" } ?? "nothing" }
        let expected = exact.json["items"].array.map { FollowedView.entry($0).map { "\($0) \($1)" } ?? "nothing" }
        guard names == expected else {
            throw Trouble("a list of \(version ?? "-") in pages: \(names), at once: \(expected)")
        }
    }
}
