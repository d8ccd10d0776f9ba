import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import HTTPTransport

private typealias Kind = RawHTTP2.Kind
private typealias Peer = ScriptedPeer

/// What a peer says, by name.
struct Frames: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
        testDescription = name
        self.bytes = bytes
    }
}

/// The HTTP/2 client against a peer that does what servers do on bad days.
@Suite(.timeLimit(.minutes(3)))
struct HTTP2ClientFaultTests {
    /// Answers each request with 200 and `ok`.
    private static let answering: ScriptedPeer.Script = { frame, peer in
        if frame.type == Kind.headers { peer.send(RawHTTP2.ok(frame.stream) + RawHTTP2.data(frame.stream, "ok")) }
    }

    // MARK: going away

    @Test func requestsAboveTheLastStreamOfAGoAwayGoToANewConnection() async throws {
        // The first connection waits for two requests, takes only the first, and answers it after its GOAWAY.
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            if peer.number > 1 { return Self.answering(frame, peer) }
            guard frame.stream == 3 else { return }
            peer.send(RawHTTP2.goAway(1) + RawHTTP2.ok(1) + RawHTTP2.data(1, "first"))
        }) { peer, client in
            var post = peer.request
            post.method = .POST
            post.body = ByteBuffer(string: "body")
            let tasks = (0..<2).map { _ in Task { [post] in try await TestClient.text(client, post) } }
            var texts: [String] = []
            for task in tasks { texts.append(try await task.value) }
            #expect(texts.sorted() == ["first", "ok"])
            #expect(peer.happenings.count("connection") == 2)
            let text1 = try await TestClient.text(client, peer.request)
            #expect(text1 == "ok")
            #expect(peer.happenings.count("connection") == 2)
            await peer.happenings.wait("closed")
        }
    }

    @Test func aGoAwayWithAnErrorSaysItToThoseItCost() async throws {
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            peer.send(RawHTTP2.ok(1) + RawHTTP2.goAway(1, 0xB, "too many\nwatches"))
            peer.close()
        }) { peer, client in
            let error = await TestClient.failure { try await TestClient.text(client, peer.request) }
            #expect(error?.code == .enhanceYourCalm)
            #expect(error?.message.contains("ENHANCE_YOUR_CALM: too many watches") == true)
        }
    }

    @Test func aServerThatAlwaysGoesAwayIsNotAskedForever() async throws {
        try await Peer.withClient({ frame, peer in
            if frame.type == Kind.headers { peer.send(RawHTTP2.goAway(0)) }
        }) { peer, client in
            #expect(await TestClient.failure { try await client.execute(peer.request) }?.code == .connectionClosed)
            #expect((2...10).contains(peer.happenings.count("connection")))
        }
    }

    // MARK: resets

    @Test func aRefusedStreamIsTriedAgain() async throws {
        let refused = NIOLockedValueBox(0)
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            let count = refused.withLockedValue { count in
                count += 1
                return count
            }
            count <= 2 ? peer.send(RawHTTP2.reset(frame.stream, 7)) : Self.answering(frame, peer)
        }) { peer, client in
            var post = peer.request
            post.method = .POST
            let text2 = try await TestClient.text(client, post)
            #expect(text2 == "ok")
            #expect(peer.happenings.count("headers") == 3)
            #expect(peer.happenings.count("connection") == 1)
        }
    }

    static let resets: [(UInt32, TransportError.Code)] = [
        (2, .connectionClosed), (8, .connectionClosed), (0, .connectionClosed), (1, .protocolViolation),
        (0xB, .enhanceYourCalm), (0xD, .connectionClosed), (0xFFFF_FFFF, .connectionClosed),
    ]

    @Test(arguments: resets)
    func aResetFailsItsRequestOnly(_ code: UInt32, _ expected: TransportError.Code) async throws {
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            if frame.stream == 1 { return peer.send(RawHTTP2.ok(1)) }
            // The second request: reset the first, answer it.
            peer.send(RawHTTP2.reset(1, code))
            Self.answering(frame, peer)
        }) { peer, client in
            let first = try await client.execute(peer.request)
            let text3 = try await TestClient.text(client, peer.request)
            #expect(text3 == "ok")
            #expect(await TestClient.failure { try await first.next() }?.code == expected)
            #expect(peer.happenings.count("connection") == 1)
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func aGetThatTheServerResetIsNotAskedAgain() async throws {
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            frame.stream == 1 ? Self.answering(frame, peer) : peer.send(RawHTTP2.reset(frame.stream, 2))
        }) { peer, client in
            let text = try await TestClient.text(client, peer.request)
            #expect(text == "ok")
            #expect(await TestClient.failure { try await client.execute(peer.request) }?.code == .connectionClosed)
            #expect(peer.happenings.count("headers") == 2)
        }
    }

    @Test func anAnswerBeforeTheWholeRequestIsAnAnswer() async throws {
        // The window of 64 KiB never opens: the body can't be sent whole.
        try await Peer.withClient({ frame, peer in
            if frame.type == Kind.headers {
                peer.send(RawHTTP2.ok(frame.stream) + RawHTTP2.data(frame.stream, "enough"))
            }
        }) { peer, client in
            var post = peer.request
            post.method = .POST
            post.body = ByteBuffer(repeating: 1, count: 1 << 20)
            let text4 = try await TestClient.text(client, post)
            #expect(text4 == "enough")
            await peer.happenings.wait("reset 8 of 1")
            #expect(client.connectionCounts == (1, 1))
        }
    }

    // MARK: broken peers

    static let broken: [(Frames, TransportError.Code)] = [
        (Frames("plain text", Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .protocolViolation),
        (
            Frames("DATA on stream 0", RawHTTP2.settings() + RawHTTP2.frame(0, stream: 0, payload: [1])),
            .protocolViolation
        ),
        (Frames("headers of no request", RawHTTP2.settings() + RawHTTP2.ok(99, ends: true)), .protocolViolation),
        (
            Frames(
                "a pushed promise",
                RawHTTP2.settings() + RawHTTP2.frame(4, flags: 1)
                    + RawHTTP2.frame(5, flags: 4, stream: 1, payload: [0, 0, 0, 2, 0x88])), .protocolViolation
        ),
        (
            Frames(
                "a broken header block",
                RawHTTP2.settings() + RawHTTP2.frame(1, flags: 4, stream: 1, payload: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF])),
            .protocolViolation
        ),
        (Frames("a frame too large", RawHTTP2.settings() + [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1]), .protocolViolation),
        (
            Frames("a window too large", RawHTTP2.settings() + RawHTTP2.frame(8, payload: [0x7F, 0xFF, 0xFF, 0xFF])),
            .protocolViolation
        ),
        (Frames("a ping too short", RawHTTP2.settings() + RawHTTP2.frame(6, payload: [1])), .protocolViolation),
    ]

    @Test(arguments: broken)
    func aPeerThatBreaksTheProtocolEndsTheConnection(_ shape: Frames, _ expected: TransportError.Code) async throws {
        try await Peer.withClient(
            greeting: [],
            { frame, peer in
                if frame.type == Kind.headers { peer.send(shape.bytes) }
            }
        ) { peer, client in
            #expect(await TestClient.failure { try await client.execute(peer.request) }?.code == expected)
            await peer.happenings.wait("closed")
            #expect(client.connectionCounts == (0, 0))
        }
    }

    static let badAnswers: [(Frames, TransportError.Code)] = [
        (
            Frames("no status", RawHTTP2.frame(1, flags: 5, stream: 1, payload: RawHTTP2.block([("a", "b")]))),
            .protocolViolation
        ),
        (
            Frames(
                "an upper-case name",
                RawHTTP2.frame(1, flags: 4, stream: 1, payload: [0x88] + RawHTTP2.block([("A", "b")]))),
            .protocolViolation
        ),
        (
            Frames(
                "more than its length",
                RawHTTP2.frame(1, flags: 4, stream: 1, payload: [0x88] + RawHTTP2.block([("content-length", "1")]))
                    + RawHTTP2.data(1, "ab")), .protocolViolation
        ),
        (
            Frames(
                "less than its length",
                RawHTTP2.frame(1, flags: 4, stream: 1, payload: [0x88] + RawHTTP2.block([("content-length", "9")]))
                    + RawHTTP2.data(1, "ab")), .protocolViolation
        ),
        (
            Frames(
                "a huge field",
                RawHTTP2.frame(
                    1, flags: 0, stream: 1,
                    payload: [0x88] + RawHTTP2.block([("x", String(repeating: "y", count: 16_000))]))
                    + (1...4).flatMap {
                        RawHTTP2.frame(
                            9, flags: $0 == 4 ? 4 : 0, stream: 1,
                            payload: RawHTTP2.block([("x", String(repeating: "y", count: 16_000))]))
                    }), .headersTooLarge
        ),
        (
            Frames(
                "many fields",
                RawHTTP2.frame(
                    1, flags: 4, stream: 1,
                    payload: [0x88] + RawHTTP2.block((0..<300).map { ("x\($0)", "y") }))), .headersTooLarge
        ),
    ]

    @Test(arguments: badAnswers)
    func aBadAnswerCostsItsRequestOnly(_ shape: Frames, _ expected: TransportError.Code) async throws {
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            frame.stream == 1 ? peer.send(shape.bytes) : Self.answering(frame, peer)
        }) { peer, client in
            let error = await TestClient.failure { try await TestClient.text(client, peer.request) }
            #expect(error?.code == expected)
            let text5 = try await TestClient.text(client, peer.request)
            #expect(text5 == "ok")
            #expect(peer.happenings.count("connection") == 1)
        }
    }

    @Test(arguments: [true, false])
    func aConnectionThatEndsFailsWhatItCarried(politely: Bool) async throws {
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            peer.send(RawHTTP2.ok(frame.stream) + RawHTTP2.data(frame.stream, "part", ends: false))
            if frame.stream == 5 { politely ? peer.close() : peer.cut() }
        }) { peer, client in
            var responses: [ClientResponse] = []
            for _ in 0..<3 { responses.append(try await client.execute(peer.request)) }
            for response in responses {
                #expect(await TestClient.failure { try await response.collect(upTo: 100) }?.code == .connectionClosed)
            }
            await peer.happenings.wait("closed")
            #expect(client.connectionCounts == (0, 0))
        }
    }

    @Test func aKeptConnectionThatIsCutCostsAGetNothingAndAPostAnError() async throws {
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            // The second request of a connection finds it dying.
            frame.stream == 1 ? Self.answering(frame, peer) : peer.cut()
        }) { peer, client in
            for _ in 0..<3 {
                let found = try await TestClient.text(client, peer.request)
                #expect(found == "ok")
            }
            #expect(peer.happenings.count("connection") == 3)
            var post = peer.request
            post.method = .POST
            #expect(await TestClient.failure { try await client.execute(post) }?.code == .connectionClosed)
        }
    }

    // MARK: passed over

    @Test func informationalAnswersAndTrailersArePassedOver() async throws {
        let early = RawHTTP2.frame(
            Kind.headers, flags: 4, stream: 1, payload: RawHTTP2.block([(":status", "103"), ("link", "x")]))
        let trailers = RawHTTP2.frame(
            Kind.headers, flags: 5, stream: 1, payload: RawHTTP2.block([("grpc-status", "0")]))
        try await Peer.withClient({ frame, peer in
            guard frame.type == Kind.headers else { return }
            peer.send(early + RawHTTP2.ok(1) + RawHTTP2.data(1, "ok", ends: false) + trailers)
        }) { peer, client in
            let response = try await client.execute(peer.request)
            #expect(response.head.status == .ok)
            #expect(response.head.headers.isEmpty)
            #expect(String(buffer: try await response.collect(upTo: 10)) == "ok")
        }
    }

    // MARK: limits and windows

    @Test func noMoreStreamsAreOpenThanThePeerAllows() async throws {
        let open = NIOLockedValueBox((now: 0, most: 0))
        try await Peer.withClient(
            greeting: RawHTTP2.settings([(3, 2)]), configure: { $0.multiplexedConnectionsPerOrigin = 1 },
            { frame, peer in
                guard frame.type == Kind.headers else { return }
                if frame.stream == 1 { return Self.answering(frame, peer) }
                open.withLockedValue { open in
                    open.now += 1
                    open.most = max(open.most, open.now)
                }
                guard frame.stream >= 5 else { return }
                // One behind: two are open until the last answer.
                open.withLockedValue { $0.now -= 1 }
                Self.answering(
                    RawHTTP2.Frame(type: Kind.headers, flags: 4, stream: frame.stream - 2, payload: []), peer)
                guard frame.stream == 41 else { return }
                open.withLockedValue { $0.now -= 1 }
                Self.answering(frame, peer)
            }
        ) { peer, client in
            // Before the first answer the client can't know the limit.
            let text6 = try await TestClient.text(client, peer.request)
            #expect(text6 == "ok")
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await TestClient.text(client, peer.request) } }
                for try await text in group { #expect(text == "ok") }
            }
            #expect(open.withLockedValue { $0.most } <= 2)
            #expect(peer.happenings.count("connection") == 1)
        }
    }

    @Test func moreThanMayWaitAreRefused() async throws {
        // It never shakes hands: all wait for the one handshake.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let request = ClientRequest(scheme: .https, host: "127.0.0.1", port: listener.localAddress?.port)
        try await TestClient.with(ClientTLSConfiguration(), configure: { $0.queuedRequestsPerOrigin = 5 }) { client in
            await withTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask { await TestClient.failure { try await client.execute(request) }?.code }
                }
                for _ in 0..<45 { #expect(await group.next() == .overloaded) }
                await client.shutdown()
                for _ in 0..<5 { #expect(await group.next() == .shuttingDown) }
            }
        }
        try await listener.close()
    }

    @Test func theWindowOpensAsTheReaderReads() async throws {
        let piece = String(repeating: "x", count: 16_384)
        // All of the window, then a PING: what the client has to say of the DATA comes before its answer. The window is that of our
        // SETTINGS once they are acknowledged.
        try await Peer.withClient(
            greeting: RawHTTP2.settings() + RawHTTP2.frame(Kind.settings, flags: 1),
            { frame, peer in
                guard frame.type == Kind.headers else { return }
                peer.send(RawHTTP2.ok(1))
                for _ in 0..<16 { peer.send(RawHTTP2.data(1, piece, ends: false)) }
                peer.send(RawHTTP2.frame(Kind.ping, payload: [0, 0, 0, 0, 0, 0, 0, 0]))
            }
        ) { peer, client in
            let response = try await client.execute(peer.request)
            await peer.happenings.wait("pong")
            #expect(peer.happenings.count("window 1") == 0)
            var read = 0
            while read < 16 * 16_384, let more = try await response.next() { read += more.readableBytes }
            await peer.happenings.wait("window 1")
            #expect(read == 16 * 16_384)
        }
    }

    // MARK: time

    @Test func aRequestWithoutAnswerIsResetAndTheOthersGoOn() async throws {
        try await Peer.withClient({ frame, peer in
            if frame.type == Kind.headers, frame.stream > 1 { Self.answering(frame, peer) }
        }) { peer, client in
            var impatient = peer.request
            impatient.deadlines.head = .milliseconds(50)
            let error = await TestClient.failure { try await client.execute(impatient) }
            #expect(error?.code == .timedOut)
            #expect(error?.message.hasPrefix("head ") == true)
            await peer.happenings.wait("reset 8 of 1")
            let text7 = try await TestClient.text(client, peer.request)
            #expect(text7 == "ok")
            #expect(peer.happenings.count("connection") == 1)
        }
    }

    @Test(arguments: [
        (ClientDeadlines(idle: .milliseconds(50)), "idle "), (ClientDeadlines(total: .milliseconds(300)), "total "),
    ])
    func aBodyThatStopsIsTimedOut(_ deadlines: ClientDeadlines, _ phase: String) async throws {
        try await Peer.withClient({ frame, peer in
            if frame.type == Kind.headers { peer.send(RawHTTP2.ok(1) + RawHTTP2.data(1, "part", ends: false)) }
        }) { peer, client in
            var request = peer.request
            request.deadlines = deadlines
            let error = await TestClient.failure { try await TestClient.text(client, request) }
            #expect(error?.code == .timedOut)
            #expect(error?.message.hasPrefix(phase) == true)
            await peer.happenings.wait("reset 8 of 1")
        }
    }

    @Test func aRequestThatFindsNoStreamInTimeSaysSo() async throws {
        try await Peer.withClient(
            greeting: RawHTTP2.settings([(3, 1)]), configure: { $0.multiplexedConnectionsPerOrigin = 1 },
            { frame, peer in
                if frame.type == Kind.headers { peer.send(RawHTTP2.ok(frame.stream)) }
            }
        ) { peer, client in
            let holding = try await client.execute(peer.request)
            var second = peer.request
            second.deadlines.connect = .milliseconds(50)
            let error = await TestClient.failure { try await client.execute(second) }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("no stream") == true, "\(error?.message ?? "")")
            _ = holding
        }
    }
}
