import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

/// The HTTP/2 client against our own server.
@Suite(.timeLimit(.minutes(3)))
struct HTTP2ClientTests {
    private static func with<R>(
        configure: (inout HTTPClientConfiguration) -> Void = { _ in },
        server: (inout ServerConfiguration) -> Void = { _ in }, observer: Happenings = Happenings(),
        _ handler: @escaping @Sendable (HTTPRequest, consuming ResponseWriter) async -> Void,
        _ body: (HTTPClient, ClientRequest) async throws -> R
    ) async throws -> R {
        try await TestServer.with(observer: observer, configure: server, handler: handler) { server in
            try await TestClient.with(trusting: server.certificates, configure: configure) { client in
                try await body(client, ClientRequest(scheme: .https, host: "localhost", port: server.port))
            }
        }
    }

    @Sendable private static func echo(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        let body = (try? await request.body.collect(upTo: 8 << 20)) ?? ByteBuffer()
        let text = "\(request.head.method) \(request.head.target) \(request.head.headers["x-a"]) \(body.readableBytes)"
        response.send(.init(status: .ok), body: ByteBuffer(string: text))
    }

    // MARK: exchanges

    @Test(arguments: [true, false])
    func requestsGoByTheProtocolThatWasAgreedOn(offersHTTP2: Bool) async throws {
        try await Self.with(configure: { $0.tls.offersHTTP2 = offersHTTP2 }, Self.echo) { client, request in
            var request = request
            request.method = .POST
            request.target = "/a?b"
            request.headers = ["X-A": "1"]
            request.body = ByteBuffer(repeating: 7, count: 3 << 20)
            let response = try await client.execute(request)
            #expect(response.version == (offersHTTP2 ? .http2 : .http1_1))
            #expect(response.head.status == .ok)
            let body = try await response.collect(upTo: 1000)
            #expect(response.declaredLength == body.readableBytes)
            #expect(String(buffer: body) == "POST /a?b [\"1\"] \(3 << 20)")
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func firstRequestsAtOnceShareOneHandshake() async throws {
        let happenings = Happenings()
        try await Self.with(observer: happenings, Self.echo) { client, request in
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 { group.addTask { try await TestClient.text(client, request) } }
                for try await text in group { #expect(text == "GET / [] 0") }
            }
            #expect(happenings.count("opened") == 1)
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func aThousandRequestsAtOnceFitOneConnection() async throws {
        let happenings = Happenings()
        try await Self.with(
            configure: { $0.multiplexedConnectionsPerOrigin = 1 }, server: { $0.limits.concurrentStreams = 120 },
            observer: happenings, Self.echo
        ) { client, request in
            try await withThrowingTaskGroup { group in
                for number in 0..<1000 {
                    var request = request
                    request.target = "/\(number)"
                    request.method = .POST
                    request.body = ByteBuffer(repeating: 1, count: number)
                    group.addTask { [request] in
                        try await TestClient.text(client, request) == "POST /\(number) [] \(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(happenings.count("opened") == 1)
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func moreStreamsThanOneConnectionHasOpenAnother() async throws {
        let happenings = Happenings()
        let gate = Signal()
        try await Self.with(
            configure: { $0.multiplexedConnectionsPerOrigin = 3 }, server: { $0.limits.concurrentStreams = 100 },
            observer: happenings,
            { request, response in
                happenings.add("request")
                await gate.wait()
                response.send(.init(status: .ok), body: ByteBuffer(string: "ok"))
            }
        ) { client, request in
            try await withThrowingTaskGroup { group in
                for _ in 0..<350 { group.addTask { try await TestClient.text(client, request) } }
                await happenings.wait("request", 300)
                #expect(happenings.count("opened") == 3)
                gate.fire()
                for try await text in group { #expect(text == "ok") }
            }
            #expect(happenings.count("opened") == 3)
            #expect(happenings.count("request") == 350)
            #expect(client.connectionCounts == (3, 3))
        }
    }

    @Test func aLargeBodyArrivesWholeAndInOrder() async throws {
        try await Self.with({ _, response in
            guard let body = try? await response.start(.init(status: .ok)) else { return }
            for piece in 0..<320 {
                do { try await body.write(ByteBuffer(repeating: UInt8(piece % 251), count: 65_536)) } catch { return }
            }
            try? await body.finish()
        }) { client, request in
            let response = try await client.execute(request)
            var expected = ByteBuffer()
            for piece in 0..<320 { expected.writeRepeatingByte(UInt8(piece % 251), count: 65_536) }
            #expect(try await response.collect(upTo: 320 * 65_536) == expected)
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func headHasALengthAndNoBody() async throws {
        try await Self.with(Self.echo) { client, request in
            var request = request
            request.method = .HEAD
            let response = try await client.execute(request)
            #expect(response.head.headers.first(name: "content-length") == "11")
            #expect(response.declaredLength == 0)
            #expect(try await response.collect(upTo: 0).readableBytes == 0)
        }
    }

    // MARK: neighbours

    @Test func aReaderThatDoesNotReadStopsNobodyElse() async throws {
        let handler: @Sendable (HTTPRequest, consuming ResponseWriter) async -> Void = { request, response in
            guard request.head.target == "/big" else { return await Self.echo(request, response) }
            guard let body = try? await response.start(.init(status: .ok)) else { return }
            for _ in 0..<64 { do { try await body.write(ByteBuffer(repeating: 1, count: 65_536)) } catch { return } }
            try? await body.finish()
        }
        try await Self.with(handler) { client, request in
            var big = request
            big.target = "/big"
            var unread: [ClientResponse] = []
            for _ in 0..<20 { unread.append(try await client.execute(big)) }
            let text1 = try await TestClient.text(client, request)
            #expect(text1 == "GET / [] 0")
            for response in unread {
                let body = try await response.collect(upTo: 64 * 65_536)
                #expect(body.readableBytes == 64 * 65_536)
            }
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func cancellingOneOfManyHurtsNoOther() async throws {
        let happenings = Happenings()
        let gate = Signal()
        try await Self.with(
            observer: happenings,
            { request, response in
                happenings.add("request")
                guard request.head.target == "/hang" else {
                    await gate.wait()
                    return response.send(.init(status: .ok), body: ByteBuffer(string: "ok"))
                }
                await Happenings.untilCancelled()
                happenings.add("handler cancelled")
                _ = consume response
            }
        ) { client, request in
            var hanging = request
            hanging.target = "/hang"
            let doomed = Task { [hanging] in await TestClient.failure { try await client.execute(hanging) }?.code }
            let others = (0..<30).map { _ in Task { try await TestClient.text(client, request) } }
            await happenings.wait("request", 31)
            doomed.cancel()
            #expect(await doomed.value == .cancelled)
            await happenings.wait("handler cancelled")
            gate.fire()
            for other in others {
                let found = try await other.value
                #expect(found == "ok")
            }
            #expect(happenings.count("opened") == 1)
            #expect(client.connectionCounts == (1, 1))
        }
    }

    @Test func aResponseThatIsDroppedResetsItsStreamOnly() async throws {
        let happenings = Happenings()
        try await Self.with(
            observer: happenings,
            { request, response in
                guard request.head.target == "/endless" else { return await Self.echo(request, response) }
                guard let body = try? await response.start(.init(status: .ok)) else { return }
                while true { do { try await body.write(ByteBuffer(repeating: 1, count: 65_536)) } catch { break } }
                happenings.add("reset")
            }
        ) { client, request in
            var endless = request
            endless.target = "/endless"
            for _ in 0..<20 {
                let found = try await client.execute(endless).next()
                #expect(found != nil)
            }
            await happenings.wait("reset", 20)
            let text2 = try await TestClient.text(client, request)
            #expect(text2 == "GET / [] 0")
            #expect(happenings.count("opened") == 1)
        }
    }

    // MARK: life of connections

    @Test func idleConnectionsAreClosedInTime() async throws {
        let happenings = Happenings()
        try await TestServer.with(observer: happenings, handler: Self.echo) { server in
            let tls = ClientTLSConfiguration(trust: .authorities(.bytes(server.certificates.authority.certificatePEM)))
            try await TestClient.with(tls, configure: { $0.idleTimeout = .milliseconds(30) }) { client in
                let request = ClientRequest(scheme: .https, host: "localhost", port: server.port)
                let text3 = try await TestClient.text(client, request)
                #expect(text3 == "GET / [] 0")
                await happenings.wait("closed")
            }
        }
    }

    @Test func retiredConnectionsGoWhenTheirWorkIsDone() async throws {
        let happenings = Happenings()
        let gate = Signal()
        try await Self.with(
            observer: happenings,
            { request, response in
                happenings.add("request")
                if request.head.target == "/slow" { await gate.wait() }
                response.send(.init(status: .ok), body: ByteBuffer(string: "ok"))
            }
        ) { client, request in
            var slow = request
            slow.target = "/slow"
            let atWork = Task { [slow] in try await TestClient.text(client, slow) }
            await happenings.wait("request")
            client.retireConnections()
            let text4 = try await TestClient.text(client, request)
            #expect(text4 == "ok")
            #expect(happenings.count("opened") == 2)
            #expect(happenings.count("closed") == 0)
            gate.fire()
            let text5 = try await atWork.value
            #expect(text5 == "ok")
            await happenings.wait("closed")
        }
    }

    @Test func aServerThatGoesAwayLosesNoRequest() async throws {
        try await Self.with(
            { request, response in
                if request.head.target == "/last" {
                    return response.send(
                        .init(status: .ok, headers: ["Connection": "close"]), body: ByteBuffer(string: "ok"))
                }
                response.send(.init(status: .ok), body: ByteBuffer(string: "ok"))
            }
        ) { client, request in
            for number in 0..<60 {
                var request = request
                if number % 3 == 0 { request.target = "/last" }
                request.method = .POST
                let text6 = try await TestClient.text(client, request)
                #expect(text6 == "ok")
            }
        }
    }

    @Test func shutdownFailsWhatIsUnderWay() async throws {
        let happenings = Happenings()
        try await Self.with(
            observer: happenings,
            { _, response in
                happenings.add("request")
                await Happenings.untilCancelled()
                _ = consume response
            }
        ) { client, request in
            let task = Task { await TestClient.failure { try await client.execute(request) }?.code }
            await happenings.wait("request")
            await client.shutdown()
            #expect(await task.value == .connectionClosed)
            #expect(client.connectionCounts == (0, 0))
            #expect(await TestClient.failure { try await client.execute(request) }?.code == .shuttingDown)
        }
    }
}
