import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

/// One shape of bytes, by name, and what is expected of it.
struct Shape: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: String
    let expected: String
    var testDescription: String { name }

    init(_ name: String, _ bytes: String, _ expected: String = "") {
        self.name = name
        self.bytes = bytes
        self.expected = expected
    }
}

struct HTTP1RequestTests {
    private static let post = "POST / HTTP/1.1\r\nHost: h\r\n"

    /// What the handler sees.
    static let accepted: [Shape] = [
        Shape("no body", "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b=c h "),
        Shape("empty line before", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / h "),
        Shape("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET /  "),
        Shape("Host with port", "GET / HTTP/1.1\r\nhost: [::1]:8443\r\n\r\n", "GET / [::1]:8443 "),
        Shape(
            "percent-encoding kept", "GET /a%2Fb%20c/../d//e HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a%2Fb%20c/../d//e h "),
        Shape("absolute form", "GET http://other:81/p?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET /p?q other:81 "),
        Shape("absolute form, no path", "GET https://other?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?q other "),
        Shape("asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * h "),
        Shape("length", post + "Content-Length: 3\r\n\r\nabc", "POST / h abc"),
        Shape("length zero", post + "Content-Length: 0\r\n\r\n", "POST / h "),
        Shape("leading zeros", post + "Content-Length: 003\r\n\r\nabc", "POST / h abc"),
        Shape(
            "chunked", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "POST / h abc0123456789"),
        Shape(
            "chunk extension and trailer",
            post + "Transfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
            "POST / h abc"),
        Shape("GET with a body", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", "GET / h ab"),
        Shape("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "GET / - "),
        Shape("unusual method", "PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n", "PROPFIND / h "),
        Shape(
            "T14 upgrade", "GET /w HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "GET /w h "),
        Shape(
            "4,000 fields",
            "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X-Remote-Group: g\r\n", count: 4000) + "\r\n",
            "GET / h "),
    ]

    @Test(arguments: accepted)
    func `an accepted request reaches the handler as it was sent`(_ shape: Shape) throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.echo)
        try bench.send(shape.bytes)
        let answer = try bench.answer()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n" + shape.expected))
    }

    @Test(arguments: accepted.filter { $0.bytes.utf8.count < 1000 })
    func `it does not matter how the bytes are cut`(_ shape: Shape) throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.echo)
        for byte in shape.bytes.utf8 { try bench.send([byte]) }
        #expect(try bench.answer().hasSuffix("\r\n\r\n" + shape.expected))
    }

    /// The status of the refusal.
    static let refused: [Shape] = [
        Shape("length and chunked", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        Shape("chunked and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "400"),
        Shape("two equal lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "400"),
        Shape("two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "400"),
        Shape("list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc", "400"),
        Shape("signed length", post + "Content-Length: +3\r\n\r\nabc", "400"),
        Shape("negative length", post + "Content-Length: -3\r\n\r\nabc", "400"),
        Shape("hex length", post + "Content-Length: 0x3\r\n\r\nabc", "400"),
        Shape("overflowing length", post + "Content-Length: 99999999999999999999\r\n\r\n", "400"),
        Shape("length beyond Int", post + "Content-Length: 18446744073709551615\r\n\r\n", "400"),
        Shape("empty length", post + "Content-Length:\r\n\r\n", "400"),
        Shape("coding list", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"),
        Shape("unknown coding", post + "Transfer-Encoding: gzip\r\n\r\n", "501"),
        Shape("chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400"),
        Shape(
            "two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400"),
        Shape("coding with a vertical tab", post + "Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n", "400"),
        Shape(
            "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        Shape("no Host", "GET / HTTP/1.1\r\n\r\n", "400"),
        Shape("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        Shape("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"),
        Shape("Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"),
        Shape("blank before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400"),
        Shape("no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", "400"),
        Shape("empty name", "GET / HTTP/1.1\r\n: h\r\n\r\n", "400"),
        Shape("NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n", "400"),
        Shape("bare CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "400"),
        Shape("bare LF lines", "GET / HTTP/1.1\nHost: h\n\n", "505"),
        Shape("folded line", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", "400"),
        Shape("blank before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "400"),
        Shape("relative target", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("asterisk with GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("raw UTF-8 target", "GET /\u{E9} HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("absolute form without host", "GET http:///p HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("other scheme", "GET ftp://h/p HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", "501"),
        Shape("unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("lower-case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
        Shape("HTTP/2.0 in text", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"),
        Shape("HTTP/0.9", "GET /\r\n\r\n", "505"),
        Shape("HTTP/9.9", "GET / HTTP/9.9\r\nHost: h\r\n\r\n", "505"),
        Shape("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
        Shape("TLS ClientHello", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", "400"),
        Shape("other expectation", post + "Content-Length: 1\r\nExpect: tea\r\n\r\n", "417"),
        Shape("long target", "GET /" + String(repeating: "a", count: 70_000) + " HTTP/1.1\r\nHost: h\r\n\r\n", "414"),
        Shape(
            "large header", "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "a", count: 1 << 20) + "\r\n\r\n",
            "431"),
        Shape("endless header", "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "a", count: 1 << 21), "431"),
        Shape(
            "many fields", "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "a: b\r\n", count: 9000) + "\r\n", "431"),
    ]

    @Test(arguments: refused)
    func `a refused request gets a plain reason and the end of the connection`(_ shape: Shape) throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.echo)
        try bench.send(shape.bytes)
        let answer = try bench.answer()
        #expect(answer.hasPrefix("HTTP/1.1 \(shape.expected) "), "\(answer.prefix(200))")
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(answer.contains("content-type: text/plain"))
        // The client may still be sending; then the connection ends by itself.
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }

    /// Where the head is fine and the body is not.
    static let brokenBodies: [Shape] = [
        Shape("chunk size not hex", "zz\r\nabc\r\n0\r\n\r\n"),
        Shape("chunk size overflows", "FFFFFFFFFFFFFFFFF\r\nabc"),
        Shape("chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n"),
        Shape("chunk size with a sign", "+3\r\nabc\r\n0\r\n\r\n"),
        Shape("bare LF after the size", "3\nabc\r\n0\r\n\r\n"),
    ]

    @Test(arguments: brokenBodies)
    func `a broken body fails the reader and ends the connection`(_ shape: Shape) throws {
        let bench = try HTTP1Bench(handler: ClosureHandler.echo)
        try bench.send(Self.post + "Transfer-Encoding: chunked\r\n\r\n")
        try bench.send(shape.bytes)
        let answer = try bench.answer()
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.hasSuffix("protocolViolation"))
        #expect(answer.contains("connection: close"))
        bench.advance(.seconds(3))
        #expect(!bench.isOpen)
    }
}
