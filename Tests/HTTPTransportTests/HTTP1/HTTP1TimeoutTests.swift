import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

/// Every test moves the clock by hand.
struct HTTP1TimeoutTests {
    @Test func `a connection without a request ends after the idle time`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        bench.advance(.seconds(89))
        #expect(bench.isOpen)
        bench.advance(.seconds(1))
        #expect(!bench.isOpen)
        #expect(try bench.answer() == "")
    }

    @Test func `each request begins the idle time anew`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        for _ in 0..<4 {
            bench.advance(.seconds(60))
            try bench.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        }
        bench.advance(.seconds(89))
        #expect(bench.isOpen)
        bench.advance(.seconds(1))
        #expect(!bench.isOpen)
    }

    @Test func `a head that drips in is cut off with 408`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        bench.advance(.seconds(60))
        for byte in "GET /a HTTP/1.1\r\nHo".utf8.prefix(16) {
            try bench.send([byte])
            bench.advance(.milliseconds(1999))
        }
        #expect(try bench.answer() == "")
        bench.advance(.seconds(1))
        #expect(try bench.answer().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(bench.observer.limits.withLockedValue { $0 } == ["headerTimeout"])
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }

    @Test func `a body that stalls fails the reader, and the answer ends the connection`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.echo)
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
        bench.advance(.seconds(29))
        try bench.send("d")
        bench.advance(.seconds(29))
        #expect(try bench.answer() == "")
        bench.advance(.seconds(1))
        let answer = try bench.answer()
        #expect(answer.hasSuffix("timedOut") && answer.contains("connection: close"))
        #expect(bench.observer.limits.withLockedValue { $0 } == ["bodyProgressTimeout"])
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }

    @Test func `a client is not blamed while the handler takes its time`() throws {
        let gate = Gate()
        let bench = try HTTP1Bench(
            handler: ClosureHandler { request, response in
                await gate.wait()
                await ClosureHandler.echo.handle(request, response)
            })
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
        bench.advance(.seconds(600))
        gate.open()
        bench.settle()
        try bench.send("def")
        #expect(try bench.answer().hasSuffix("abcdef"))
    }

    @Test func `the rest of an unread body must come soon`() throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.target)
        try bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
        bench.advance(.seconds(1))
        #expect(bench.isOpen)
        bench.advance(.seconds(1))
        #expect(!bench.isOpen)
    }

    @Test func `a client that stops reading is told by its progress`() throws {
        let bench = try HTTP1Bench(
            handler: ClosureHandler { _, response in
                response.send(
                    HTTPTransport.HTTPResponseHead(status: .ok), body: ByteBuffer(repeating: 97, count: 1 << 20))
            })
        bench.wire.isBlocked = true
        try bench.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        for _ in 0..<6 {
            bench.advance(.seconds(29))
            try bench.wire.pass(1, on: bench.channel)
        }
        #expect(bench.isOpen)
        bench.advance(.seconds(60))
        #expect(!bench.isOpen)
        #expect(bench.observer.limits.withLockedValue { $0 } == ["writeProgressTimeout"])
    }

    @Test func `an answer that takes long is nobody's fault`() throws {
        let gate = Gate()
        let bench = try HTTP1Bench(handler: ClosureHandler.streaming(gate))
        try bench.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        bench.advance(.seconds(3600))
        gate.open()
        #expect(try bench.answer().hasSuffix("0\r\n\r\n"))
        #expect(bench.isOpen)
    }
}
