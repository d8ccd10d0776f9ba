import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

private typealias Head = HTTPTransport.HTTPResponseHead
private let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

struct HTTP1ConnectionTests {
    // MARK: keeping the connection

    @Test func `T08 a connection serves one request after another`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        for _ in 0..<3 {
            try bench.send(get)
            #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/a")
        }
        #expect(bench.isOpen)
    }

    @Test func `ten thousand pipelined requests of one read are answered in order`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send((0..<10_000).map { "GET /\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
        let answers = try bench.answer().components("HTTP/1.1 200 OK\r\n").dropFirst()
        #expect(answers.count == 10_000)
        #expect(answers.enumerated().allSatisfy { $1.hasSuffix("\r\n\r\n/\($0)") })
    }

    @Test func `a pipelined request waits until the answer before it is whole`() throws {
        let gate = Gate()
        let bench = try HTTP1Bench(
            handler: ClosureHandler { request, response in
                if request.head.target == "/slow" { await gate.wait() }
                response.send(Head(status: .ok), body: ByteBuffer(string: request.head.target))
            })
        try bench.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /fast HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try bench.answer() == "")
        #expect(!bench.wantsRead)
        gate.open()
        let answer = try bench.answer()
        #expect(answer.hasSuffix("/fast") && answer.contains("/slowHTTP/1.1 200 OK"))
        #expect(bench.wantsRead)
    }

    static let ending: [Shape] = [
        Shape("close asked", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
        Shape("close among others", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n"),
        Shape("HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n"),
        Shape("T14 upgrade", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        Shape(
            "h2c upgrade",
            "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"
        ),
    ]

    @Test(arguments: ending)
    func `the last answer says close, and the connection ends`(_ shape: Shape) throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send(shape.bytes)
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n/a")
        #expect(!bench.isOpen)
    }

    @Test func `HTTP 1.0 may keep the connection`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n/a")
        #expect(bench.isOpen)
    }

    @Test func `a handler may end the connection with its answer`() throws {
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in
                response.send(Head(status: .unauthorized, headers: ["Connection": "close"]))
            })
        try bench.send(get)
        #expect(try bench.answer() == "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        #expect(!bench.isOpen)
    }

    // MARK: request bodies

    @Test func `T08 100 Continue is sent when the handler first reads`() throws {
        let gate = Gate()
        let bench = try HTTP1Bench(
            handler: ClosureHandler { request, response in
                await gate.wait()
                await ClosureHandler.echo.handle(request, response)
            })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(try bench.answer() == "")
        gate.open()
        #expect(try bench.answer() == "HTTP/1.1 100 Continue\r\n\r\n")
        try bench.send("abc")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nPOST /a h abc")
        #expect(bench.isOpen)
    }

    @Test func `no 100 Continue is sent where the body is already coming`() throws {
        let bench = try HTTP1Bench(
            handler: ClosureHandler { request, response in
                await Task.yield()
                await ClosureHandler.echo.handle(request, response)
            })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nPOST /a h abc")
    }

    @Test func `a refusal instead of 100 Continue ends the connection`() throws {
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in response.send(Head(status: .payloadTooLarge)) })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(
            try bench.answer() == "HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }

    @Test func `reading stops while the handler is behind, and goes on when it reads`() throws {
        var limits = ServerLimits()
        limits.streamWindowBytes = 65_536
        let gate = Gate()
        let bench = try HTTP1Bench(
            limits: limits,
            handler: ClosureHandler { request, response in
                await gate.wait()
                await ClosureHandler.echo.handle(request, response)
            })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n")
        #expect(bench.wantsRead)
        try bench.send([UInt8](repeating: 97, count: 65_535))
        #expect(bench.wantsRead)
        try bench.send([97])
        #expect(!bench.wantsRead)
        let reads = bench.wire.reads
        gate.open()
        bench.settle()
        #expect(bench.wire.reads == reads + 1)
        try bench.send([UInt8](repeating: 97, count: 200_000 - 65_536))
        #expect(try bench.answer().hasPrefix("HTTP/1.1 200 OK\r\ncontent-length: 200010\r\n"))
    }

    @Test func `a short body that nobody read is thrown away and the connection kept`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/a")
        try bench.send("abc" + get)
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/a")
        #expect(bench.isOpen)
    }

    @Test func `a long body that nobody read costs the connection`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 262145\r\n\r\n")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n/a")
        // Still read for a moment, so that no reset destroys the answer.
        #expect(bench.wantsRead)
        try bench.send([UInt8](repeating: 97, count: 300_000))
        #expect(try bench.answer() == "")
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }

    @Test func `an endless chunked body that nobody read costs the connection`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n/a")
        for _ in 0..<9 { try bench.send("8000\r\n" + String(repeating: "a", count: 0x8000) + "\r\n") }
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }

    @Test func `a reader that comes after the answer gets an error, not a short body`() throws {
        let seen = NIOLockedValueBox<TransportError?>(nil)
        let bench = try HTTP1Bench(
            handler: ClosureHandler { request, response in
                response.send(Head(status: .ok))
                do throws(TransportError) {
                    _ = try await request.body.collect(upTo: 100)
                } catch {
                    seen.withLockedValue { $0 = error }
                }
            })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
        #expect(seen.withLockedValue { $0?.code } == .cancelled)
    }

    // MARK: answers

    @Test func `T08 a streamed answer is chunked, its head sent at once`() throws {
        let gate = Gate()
        let bench = try HTTP1Bench(handler: ClosureHandler.streaming(gate))
        try bench.send(get)
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
        gate.open()
        #expect(try bench.answer() == "b\r\ntwo-and-two\r\n0\r\n\r\n")
        #expect(bench.isOpen)
    }

    @Test func `a streamed answer of known length is not chunked`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.streaming(nil, headers: ["Content-Length": "14"]))
        try bench.send(get)
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\nonetwo-and-two")
        #expect(bench.isOpen)
    }

    @Test(arguments: ["13", "15"])
    func `a body of another length than its head says ends the connection`(_ length: String) throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.streaming(nil, headers: ["Content-Length": length]))
        try bench.send(get)
        _ = try bench.answer()
        #expect(!bench.isOpen)
    }

    @Test func `to HTTP 1.0 a body of unknown length ends with the connection`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.streaming(nil))
        try bench.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nonetwo-and-two")
        #expect(!bench.isOpen)
    }

    @Test func `HEAD gets the head alone`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n")
        let streaming = try HTTP1Bench(handler: ClosureHandler.streaming(nil))
        try streaming.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n" + get)
        #expect(
            try streaming.answer().hasPrefix(
                "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none"))
    }

    @Test(arguments: [HTTPResponseStatus.noContent, .notModified])
    func `some statuses have no body`(_ status: HTTPResponseStatus) throws {
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in response.send(Head(status: status), body: ByteBuffer(string: "x"))
            })
        try bench.send(get)
        #expect(try bench.answer() == "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n\r\n")
        #expect(bench.isOpen)
    }

    @Test func `no header of a handler can break the framing`() throws {
        let headers: HTTPHeaders = [
            "X": "a\r\nSet-Cookie: b", "Y\r\nZ": "c", "Transfer-Encoding": "chunked", "Content-Length": "99",
            "Keep-Alive": "d", "W": "e",
        ]
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in
                response.send(
                    Head(status: .custom(code: 299, reasonPhrase: "a\r\nb"), headers: headers),
                    body: ByteBuffer(string: "x"))
            })
        try bench.send(get)
        #expect(try bench.answer() == "HTTP/1.1 299 a  b\r\nX: a  Set-Cookie: b\r\nW: e\r\ncontent-length: 1\r\n\r\nx")
    }

    @Test func `a writer waits while the client does not read`() throws {
        let written = NIOLockedValueBox(0)
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in
                guard let body = try? await response.start(Head(status: .ok)) else { return }
                for _ in 0..<8 {
                    do { try await body.write(ByteBuffer(repeating: 97, count: 65_536)) } catch { return }
                    written.withLockedValue { $0 += 1 }
                }
                try? await body.finish()
            })
        bench.wire.isBlocked = true
        try bench.send(get)
        #expect(written.withLockedValue { $0 } == 1)
        bench.settle()
        #expect(written.withLockedValue { $0 } == 1)
        bench.wire.isBlocked = false
        try bench.wire.pass(100, on: bench.channel)
        bench.settle()
        #expect(written.withLockedValue { $0 } == 8)
        #expect(try bench.answer().hasSuffix("0\r\n\r\n"))
    }

    @Test func `a handler that forgets to answer gives a 500`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler { _, _ in })
        try bench.send(get)
        #expect(try bench.answer().hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
        #expect(bench.isOpen)
    }

    @Test func `a body that is dropped unfinished ends the connection without its last chunk`() throws {
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in
                guard let body = try? await response.start(Head(status: .ok)) else { return }
                try? await body.write(ByteBuffer(string: "abc"))
            })
        try bench.send(get)
        #expect(try !bench.answer().hasSuffix("0\r\n\r\n"))
        #expect(!bench.isOpen)
    }

    // MARK: going away

    @Test func `a client that goes away cancels the handler and fails its reads and writes`() throws {
        let seen = NIOLockedValueBox<[String]>([])
        let bench = try HTTP1Bench(
            handler: ClosureHandler { request, response in
                do throws(TransportError) { _ = try await request.body.next() } catch {
                    seen.withLockedValue { $0.append(error.code.description) }
                }
                seen.withLockedValue { $0.append("cancelled \(Task.isCancelled)") }
                response.send(Head(status: .ok))
            })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n")
        bench.channel.pipeline.fireChannelInactive()
        bench.settle()
        #expect(seen.withLockedValue { $0 } == ["connectionClosed", "cancelled true"])
        #expect(try bench.answer() == "")
    }

    @Test func `draining closes an idle connection only at its end`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        bench.channel.pipeline.fireUserInboundEventTriggered(DrainEvent.prepare)
        #expect(bench.isOpen)
        bench.channel.pipeline.fireUserInboundEventTriggered(DrainEvent.finish)
        bench.settle()
        #expect(!bench.isOpen)
    }

    @Test func `while draining a request is served and its answer says close`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        bench.channel.pipeline.fireUserInboundEventTriggered(DrainEvent.prepare)
        try bench.send(get)
        #expect(try bench.answer() == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n/a")
        #expect(!bench.isOpen)
    }

    @Test func `an answer under way is finished, then the connection ends`() throws {
        let gate = Gate()
        let bench = try HTTP1Bench(handler: ClosureHandler.streaming(gate))
        try bench.send(get)
        bench.channel.pipeline.fireUserInboundEventTriggered(DrainEvent.prepare)
        bench.channel.pipeline.fireUserInboundEventTriggered(DrainEvent.finish)
        #expect(bench.isOpen)
        gate.open()
        #expect(try bench.answer().hasSuffix("two-and-two\r\n0\r\n\r\n"))
        #expect(!bench.isOpen)
    }
}

/// Lets a handler wait until the test says go.
final class Gate: Sendable {
    private let waiter = WriteWaiter()
    func open() { waiter.resume(nil) }
    func wait() async { _ = await waiter.wait() }
}

extension ClosureHandler {
    /// Writes `one`, waits for the gate, writes `two-and-two`.
    static func streaming(_ gate: Gate?, headers: HTTPHeaders = [:]) -> ClosureHandler {
        ClosureHandler { _, response in
            guard let body = try? await response.start(Head(status: .ok, headers: headers)) else { return }
            do {
                try await body.write(ByteBuffer(string: "one"))
                await gate?.wait()
                try await body.write(ByteBuffer(string: "two-and-two"))
                try await body.finish()
            } catch {}
        }
    }
}
