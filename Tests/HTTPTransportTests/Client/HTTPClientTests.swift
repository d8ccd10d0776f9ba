import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import HTTPTransport

private typealias Head = HTTPTransport.HTTPResponseHead

@Suite(.timeLimit(.minutes(2)))
struct HTTPClientTests {
    private func withClient<T>(
        _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(), _ body: (HTTPClient) async throws -> T
    ) async throws -> T {
        let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        return try await using(client, endedBy: { await $0.shutdown() }, body)
    }

    private func code<T>(_ work: () async throws -> T) async -> TransportError.Code? {
        do {
            _ = try await work()
            return nil
        } catch {
            return (error as? TransportError)?.code
        }
    }

    // MARK: plain exchanges

    @Test func `a request comes back with the answer's head and body`() async throws {
        try await TestOrigin.serve(ClosureHandler.echo) { origin in
            try await withClient { client in
                let request = ClientRequest(
                    method: .POST, host: "127.0.0.1", port: origin.port, target: "/a?b",
                    body: ByteBuffer(string: "hello"))
                let response = try await client.execute(request)
                #expect(response.head.status == .ok)
                let body = try await response.collect(upTo: 100)
                #expect(response.declaredLength == body.readableBytes)
                #expect(String(buffer: body) == "POST /a?b 127.0.0.1:\(origin.port) hello")
            }
        }
    }

    @Test func `connections are used again, and no more are opened than work at once`() async throws {
        try await TestOrigin.serve(ClosureHandler.target) { origin in
            try await withClient { client in
                for _ in 0..<20 {
                    let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                    _ = try await response.collect(upTo: 10)
                }
                #expect(origin.connections == 1)
                #expect(client.connectionCounts == (1, 1))
            }
        }
    }

    @Test func `a streamed body of 20 MB arrives whole and in order`() async throws {
        let handler = ClosureHandler { _, response in
            guard let body = try? await response.start(Head(status: .ok)) else { return }
            for piece in 0..<320 {
                do { try await body.write(ByteBuffer(repeating: UInt8(piece % 251), count: 65_536)) } catch { return }
            }
            try? await body.finish()
        }
        try await TestOrigin.serve(handler) { origin in
            try await withClient { client in
                let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                var expected = ByteBuffer()
                for piece in 0..<320 { expected.writeRepeatingByte(UInt8(piece % 251), count: 65_536) }
                #expect(try await response.collect(upTo: 320 * 65_536) == expected)
                #expect(client.connectionCounts == (1, 1))
            }
        }
    }

    @Test func `a redirect is an answer like any other`() async throws {
        let handler = ClosureHandler { _, response in
            response.send(Head(status: .found, headers: ["Location": "http://127.0.0.1:1/"]))
        }
        try await TestOrigin.serve(handler) { origin in
            try await withClient { client in
                let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(response.head.status == .found)
                #expect(origin.connections == 1)
            }
        }
    }

    @Test func `HEAD has a length and no body`() async throws {
        try await TestOrigin.serve(ClosureHandler.target) { origin in
            try await withClient { client in
                let response = try await client.execute(
                    ClientRequest(method: .HEAD, host: "127.0.0.1", port: origin.port, target: "/abc"))
                #expect(response.head.headers.first(name: "content-length") == "4")
                #expect(try await response.collect(upTo: 0).readableBytes == 0)
                #expect(client.connectionCounts == (1, 1))
            }
        }
    }

    // MARK: sizes

    @Test(arguments: [["Content-Length": "100"], [:]] as [HTTPHeaders])
    func `a body over the limit is refused and its connection closed`(_ headers: HTTPHeaders) async throws {
        let handler = ClosureHandler { _, response in
            guard let body = try? await response.start(Head(status: .ok, headers: headers)) else { return }
            try? await body.write(ByteBuffer(repeating: 1, count: 100))
            try? await body.finish()
        }
        try await TestOrigin.serve(handler) { origin in
            try await withClient { client in
                let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(await code { try await response.collect(upTo: 99) } == .bodyTooLarge)
                let fitting = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(try await fitting.collect(upTo: 100).readableBytes == 100)
            }
        }
    }

    // MARK: servers that misbehave

    static let misbehaving: [(Shape, TransportError.Code)] = [
        (Shape("no HTTP", "SSH-2.0-OpenSSH\r\n"), .protocolViolation),
        (Shape("TLS alert", "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{28}"), .protocolViolation),
        (
            Shape("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            .protocolViolation
        ),
        (
            Shape(
                "length and chunked",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            .protocolViolation
        ),
        (Shape("bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), .protocolViolation),
        (
            Shape(
                "switching protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
            .protocolViolation
        ),
        (
            Shape("huge head", "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 70_000) + "\r\n\r\n"),
            .headersTooLarge
        ),
        (
            Shape("many fields", "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 300) + "\r\n"),
            .headersTooLarge
        ),
        (Shape("body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), .connectionClosed),
        (
            Shape("chunks cut short", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            .connectionClosed
        ),
        (Shape("head cut short", "HTTP/1.1 200 OK\r\nContent-"), .connectionClosed),
        (Shape("nothing", ""), .connectionClosed),
    ]

    @Test(arguments: misbehaving)
    func `a server that breaks the protocol gives an error by its kind`(_ shape: Shape, _ expected: TransportError.Code)
        async throws
    {
        try await TestOrigin.say(shape.bytes, thenClose: true) { origin in
            try await withClient { client in
                let found = await code {
                    try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port)).collect(upTo: 1000)
                }
                #expect(found == expected)
                #expect(client.connectionCounts == (0, 0))
            }
        }
    }

    @Test func `a body that ends with the connection is whole`() async throws {
        try await TestOrigin.say("HTTP/1.0 200 OK\r\n\r\nabc", thenClose: true) { origin in
            try await withClient { client in
                let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(String(buffer: try await response.collect(upTo: 10)) == "abc")
            }
        }
    }

    @Test func `informational answers are passed over`() async throws {
        try await TestOrigin.say(
            "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            thenClose: false
        ) { origin in
            try await withClient { client in
                let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(response.head.status == .ok)
                #expect(String(buffer: try await response.collect(upTo: 10)) == "ok")
            }
        }
    }

    @Test func `an answer nobody asked for ends the connection`() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        try await TestOrigin.say(answer + answer, thenClose: false) { origin in
            try await withClient { client in
                let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(String(buffer: try await response.collect(upTo: 10)) == "ok")
                let second = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                #expect(String(buffer: try await second.collect(upTo: 10)) == "ok")
                #expect(origin.connections == 2)
            }
        }
    }

    @Test func `a kept connection that the server has closed costs nobody an error`() async throws {
        try await TestOrigin.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", thenClose: false) { origin in
            try await withClient { client in
                for _ in 0..<5 {
                    let response = try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port))
                    #expect(String(buffer: try await response.collect(upTo: 10)) == "ok")
                }
                #expect(origin.connections == 5)
                // A POST may have been acted upon: it fails instead.
                let post = ClientRequest(method: .POST, host: "127.0.0.1", port: origin.port)
                #expect(await code { try await client.execute(post) } == .connectionClosed)
            }
        }
    }

    // MARK: connecting

    @Test func `nobody listening is connectionRefused`() async throws {
        let port = try await TestOrigin.say("", thenClose: true) { $0.port }
        try await withClient { client in
            #expect(
                await code { try await client.execute(ClientRequest(host: "127.0.0.1", port: port)) }
                    == .connectionRefused)
            #expect(
                await code { try await client.execute(ClientRequest(host: "localhost", port: port)) }
                    == .connectionRefused)
        }
    }

    @Test func `a name without address is hostUnreachable`() async throws {
        try await withClient { client in
            let request = ClientRequest(host: "no-such-host.invalid", port: 80)
            #expect(await code { try await client.execute(request) } == .hostUnreachable)
        }
    }

    // MARK: deadlines and cancellation

    @Test func `a server that says nothing is timed out by the head's deadline`() async throws {
        try await TestOrigin.serve(
            ClosureHandler { _, response in
                await Gate().wait(orCancelled: true); _ = consume response
            }
        ) { origin in
            try await withClient { client in
                let request = ClientRequest(
                    host: "127.0.0.1", port: origin.port, deadlines: ClientDeadlines(head: .milliseconds(50)))
                do throws(TransportError) {
                    _ = try await client.execute(request)
                    Issue.record("it answered")
                } catch {
                    #expect(error.code == .timedOut)
                    #expect(error.message.hasPrefix("head "))
                }
            }
        }
    }

    static let stalling: [(ClientDeadlines, String)] = [
        (ClientDeadlines(idle: .milliseconds(50)), "idle "), (ClientDeadlines(total: .milliseconds(300)), "total "),
    ]

    @Test(arguments: stalling)
    func `a body that stops is timed out`(_ deadlines: ClientDeadlines, _ phase: String) async throws {
        try await TestOrigin.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", thenClose: false) { origin in
            try await withClient { client in
                do throws(TransportError) {
                    let request = ClientRequest(host: "127.0.0.1", port: origin.port, deadlines: deadlines)
                    _ = try await client.execute(request).collect(upTo: 10)
                    Issue.record("it came to an end")
                } catch {
                    #expect(error.code == .timedOut)
                    #expect(error.message.hasPrefix(phase))
                }
            }
        }
    }

    @Test func `cancelling the task ends the exchange and its connection`() async throws {
        let gate = Gate()
        let cancelled = NIOLockedValueBox(false)
        let handler = ClosureHandler { request, response in
            gate.open()
            await withTaskCancellationHandler {
                await Gate().wait(orCancelled: true)
            } onCancel: {
                cancelled.withLockedValue { $0 = true }
            }
            _ = consume response
        }
        try await TestOrigin.serve(handler) { origin in
            try await withClient { client in
                let task = Task { try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port)) }
                await gate.wait()
                task.cancel()
                #expect(await code { try await task.value } == .cancelled)
                await client.shutdown()
                #expect(client.connectionCounts.open == 0)
            }
        }
    }

    @Test func `after its shutdown a client takes no more work`() async throws {
        try await TestOrigin.serve(ClosureHandler.target) { origin in
            try await withClient { client in
                await client.shutdown()
                #expect(
                    await code { try await client.execute(ClientRequest(host: "127.0.0.1", port: origin.port)) }
                        == .shuttingDown)
            }
        }
    }

    // MARK: requests that can't be written

    static let unwritable: [(String, ClientRequest)] = [
        ("target with a line end", ClientRequest(host: "h", target: "/a\r\nX: y")),
        ("target with a blank", ClientRequest(host: "h", target: "/a b")),
        ("relative target", ClientRequest(host: "h", target: "a")),
        ("empty target", ClientRequest(host: "h", target: "")),
        ("fragment", ClientRequest(host: "h", target: "/a#b")),
        ("empty host", ClientRequest(host: "")),
        ("host with a slash", ClientRequest(host: "h/x")),
        ("host with a user", ClientRequest(host: "u@h")),
        ("port zero", ClientRequest(host: "h", port: 0)),
        ("port too large", ClientRequest(host: "h", port: 65_536)),
        ("negative port", ClientRequest(host: "h", port: -1)),
        ("method with a blank", ClientRequest(method: .RAW(value: "A B"), host: "h")),
        ("header with a line end", ClientRequest(host: "h", headers: ["X": "a\r\nY: b"])),
        ("header name with a colon", ClientRequest(host: "h", headers: ["X:": "a"])),
        ("own length", ClientRequest(host: "h", headers: ["content-length": "1"])),
        ("own coding", ClientRequest(host: "h", headers: ["Transfer-Encoding": "chunked"])),
        ("upgrade", ClientRequest(host: "h", headers: ["Upgrade": "websocket"])),
        ("connection list", ClientRequest(host: "h", headers: ["Connection": "keep-alive, X"])),
    ]

    @Test(arguments: unwritable)
    func `a request that could be misread is not sent`(_ name: String, _ request: ClientRequest) async throws {
        try await withClient { client in
            #expect(await code { try await client.execute(request) } == .configuration)
        }
    }
}

extension Gate {
    /// Waits until opened or the task is cancelled.
    func wait(orCancelled: Bool) async {
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            open()
        }
    }
}
