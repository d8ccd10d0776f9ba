import APIMachinery
import NIOCore
import ProfefeCollector
import TestSupport
import Testing

@Suite struct CollectorClientTests {
    private static let time: Int64 = 1_763_712_005

    private static func query(_ service: String, _ type: CollectorType = .other, limit: Int = 1000) -> CollectorQuery {
        CollectorQuery(service: service, type: type, limit: limit)
    }

    @Test(arguments: CollectorPeer.present)
    func whatIsSentIsFoundAndReadAsItWasSent(_ peer: CollectorPeer) async throws {
        try await peer.with { client async throws in
            let sent = try await client.send(
                "frontend", .other, [.init("pod", "web-1"), .init("a", "b c")], at: Self.time)
            let id = try #require(CollectorID(sent.id))
            #expect(try await client.services() == ["frontend"])
            let found = try await client.find(Self.query("frontend"))
            #expect(found.map(\.id) == [sent.id])
            #expect(found.first?.labels == CollectorLabels([.init("a", "b c"), .init("pod", "web-1")]))
            #expect(found.first?.createdAt == Timestamp(seconds: Self.time))
            #expect(try await client.profile(id) == sample)
        }
    }

    @Test(arguments: CollectorPeer.present)
    func trap404IsEmptyAndNoError(_ peer: CollectorPeer) async throws {
        try await peer.with { client async throws in
            #expect(try await client.services() == [])
            #expect(try await client.find(Self.query("nobody")) == [])
        }
    }

    @Test(arguments: CollectorPeer.present)
    func trapAPrefixOfAnIDIsNoID(_ peer: CollectorPeer) async throws {
        try await peer.with { client async throws in
            let sent = try await client.send("frontend", at: Self.time)
            // The collector would give somebody's profile for it; the client can't even say it.
            for length in 1..<sent.id.count { #expect(CollectorID(String(sent.id.prefix(length))) == nil) }
        }
    }

    @Test(arguments: CollectorPeer.present)
    func anUnknownIDIsNeverAnotherProfile(_ peer: CollectorPeer) async throws {
        try await peer.with { client async throws in
            _ = try await client.send("frontend", at: Self.time)
            let unknown = try #require(
                CollectorID(
                    peer == .fakeS3 ? "P0.frontend/127/00000000000000000000" : "00000000000000000000"))
            let code = await failure { _ = try await client.profile(unknown) }
            // S3 tells it as a failure of its own.
            #expect(code == (peer == .fakeS3 ? .refused : .notFound))
        }
    }

    @Test(arguments: [
        "50%", "a/b", "a?b", "a&b", "a;b", "a#b", "ü", "\"", "\\", "a b", "%2F", "%252F", "~", "..",
    ])
    func trapIDsOfS3AreEscapedTwice(_ value: String) async throws {
        try await FakeCollector.with(.s3) { collector in
            let row = collector.add("team/web", "cpu", [("x", value)], createdAt: Self.time, bytes: sample)
            try await CollectorPeer.client(collector.url) { client async throws in
                let id = try #require(CollectorID(row.id))
                #expect(id.isReachable)
                // What S3 can't read back from its key it doesn't find either.
                guard collector.rows.contains(where: { $0.id == row.id }) else { return }
                #expect(try await client.profile(id) == sample)
                #expect(try await client.find(Self.query("team/web", .cpu)).map(\.id) == [row.id])
            }
        }
    }

    @Test func trapAnIDWithAPlusIsNotAskedFor() async throws {
        try await FakeCollector.with(.s3) { collector in
            let row = collector.add("web", "cpu", [("x", "1+2")], createdAt: Self.time, bytes: sample)
            collector.add("web", "cpu", createdAt: Self.time, bytes: ProfileShape.cpp.bytes)
            try await CollectorPeer.client(collector.url) { client async throws in
                let id = try #require(CollectorID(row.id))
                #expect(!id.isReachable)
                #expect(await failure { _ = try await client.profile(id) } == .configuration)
                #expect(collector.requestCount == 0)
            }
        }
    }

    @Test func trapEverySearchHasATypeAndALimitAndNoLabels() async throws {
        try await FakeCollector.with { collector in
            try await CollectorPeer.client(collector.url) { client async throws in
                _ = try await client.find(Self.query("web", .cpu))
            }
            let target = try #require(collector.seen.last?.target)
            #expect(target.contains("type=cpu") && target.contains("limit=1000") && !target.contains("labels"))
        }
    }

    @Test func theProfilesOwnTimeGoesBeforeTheParameter() async throws {
        for peer in CollectorPeer.present {
            try await peer.with { client async throws in
                let sent = try await client.send("web", .cpu, at: 5, ProfileFixture.cpu.bytes)
                #expect(sent.createdAt.seconds > 1_000_000_000)
            }
        }
    }

    // MARK: a collector that is not well

    @Test func nobodyListensIsUnreachable() async throws {
        let port = try await ScriptedTarget.closedPort()
        try await CollectorPeer.client("http://127.0.0.1:\(port)") { client async throws in
            #expect(await failure { _ = try await client.services() } == .unreachable)
            #expect(await failure { _ = try await client.send("web", at: 1) } == .unreachable)
        }
    }

    @Test func hangingEndsWithItsDeadline() async throws {
        var limits = CollectorClient.Limits()
        limits.silence = .milliseconds(50)
        try await FakeCollector.with { collector in
            collector.set(.hang)
            try await CollectorPeer.client(collector.url, limits) { client async throws in
                #expect(await failure { _ = try await client.find(Self.query("web")) } == .timeout)
                #expect(await failure { _ = try await client.send("web", at: 1) } == .timeout)
            }
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: FakeCollectorFault
        let code: CollectorError.Code
        init(_ description: String, _ fault: FakeCollectorFault, _ code: CollectorError.Code) {
            testDescription = description
            self.fault = fault
            self.code = code
        }
    }

    private static let id = #"{"id":"dc1b4db8di1926omun9g","type":"cpu","service":"web""#
    static let wrongs = [
        Wrong("a page of a proxy, 404", .proxy(404), .garbage), Wrong("a page of a proxy, 503", .proxy(503), .refused),
        Wrong("an error of its own", .internalError, .refused),
        Wrong("no JSON", .garbage(Array("<html>".utf8)), .garbage), Wrong("nothing", .garbage([]), .garbage),
        Wrong("no envelope", .garbage(Array("[]".utf8)), .garbage),
        Wrong("no array", .garbage(Array(#"{"code":200,"body":{}}"#.utf8)), .garbage),
        Wrong("no body", .garbage(Array(#"{"code":200}"#.utf8)), .garbage),
        Wrong("no time", .garbage(Array("{\"code\":200,\"body\":[\(id)}]}".utf8)), .garbage),
        Wrong(
            "a profile of another service",
            .garbage(Array("{\"code\":200,\"body\":[\(id),\"created_at\":\"2025-11-21T08:00:05Z\"}]}".utf8)), .garbage),
        Wrong("an answer that breaks off", .cutOff, .unreachable), Wrong("no answer", .noAnswer, .unreachable),
        Wrong("an answer above the limit", .garbage([UInt8](repeating: 0x20, count: 1 << 20)), .tooLarge),
    ]

    @Test(arguments: wrongs)
    func whatIsWrongIsToldApart(_ wrong: Wrong) async throws {
        var limits = CollectorClient.Limits()
        limits.answerBytes = 1 << 19
        try await FakeCollector.with { collector in
            collector.add("frontend", "other", createdAt: 1_763_712_005, bytes: sample)
            collector.set(wrong.fault)
            try await CollectorPeer.client(collector.url, limits) { client async throws in
                #expect(await failure { _ = try await client.find(Self.query("frontend")) } == wrong.code)
            }
        }
    }

    @Test func aProfileAboveTheLimitIsNotRead() async throws {
        var limits = CollectorClient.Limits()
        limits.profileBytes = 10
        try await FakeCollector.with { collector in
            let row = collector.add("web", "other", bytes: sample)
            try await CollectorPeer.client(collector.url, limits) { client async throws in
                let id = try #require(CollectorID(row.id))
                #expect(await failure { _ = try await client.profile(id) } == .tooLarge)
            }
        }
    }

    @Test(arguments: CollectorPeer.present)
    func aBrokenProfileIsRefusedByTheCollector(_ peer: CollectorPeer) async throws {
        try await peer.with { client async throws in
            #expect(await failure { _ = try await client.send("web", at: 1, Array("no profile".utf8)) } == .refused)
        }
    }

    @Test func aRestartIsSurvived() async throws {
        try await FakeCollector.with { collector in
            try await CollectorPeer.client(collector.url) { client async throws in
                collector.add("web", "other", bytes: sample)
                #expect(try await client.services() == ["web"])
                try await collector.restart()
                #expect(try await client.services() == ["web"])
            }
        }
    }
}
