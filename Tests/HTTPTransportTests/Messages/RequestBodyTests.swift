import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import Testing

struct RequestBodyTests {
    /// Adds up what was consumed.
    final class Source: RequestBodySource {
        let consumed = NIOLockedValueBox(0)
        let started = NIOLockedValueBox(0)
        func bodyReadingStarted() { started.withLockedValue { $0 += 1 } }
        func bodyConsumed(_ bytes: Int) { consumed.withLockedValue { $0 += bytes } }
    }

    @Test func `bytes come in order, are told to the source, and end with nil`() async throws {
        let source = Source()
        let pipe = RequestBodyPipe(source: source)
        let body = RequestBody(declaredLength: nil, pipe: pipe)
        pipe.receive(ByteBuffer(string: "ab"))
        let first = try await body.next()
        #expect(first == ByteBuffer(string: "ab"))
        #expect(source.consumed.withLockedValue { $0 } == 2)
        async let second = body.next()
        pipe.receive(ByteBuffer(string: "c"))
        #expect(try await second == ByteBuffer(string: "c"))
        pipe.finish()
        #expect(try await body.next() == nil)
        #expect(source.started.withLockedValue { $0 } == 1)
        #expect(source.consumed.withLockedValue { $0 } == 3)
    }

    @Test func `one-byte pieces are joined`() async throws {
        let pipe = RequestBodyPipe()
        for _ in 0..<10_000 { pipe.receive(ByteBuffer(string: "x")) }
        pipe.finish()
        let body = RequestBody(declaredLength: nil, pipe: pipe)
        let first = try await body.next()
        #expect(first?.readableBytes == 10_000)
    }

    @Test(arguments: [(3, nil, true), (4, nil, false), (3, 4, true), (4, 4, false)] as [(Int, Int?, Bool)])
    func `a body over the limit is refused`(limit: Int, declared: Int?, fails: Bool) async {
        let pipe = RequestBodyPipe()
        pipe.receive(ByteBuffer(string: "abcd"))
        pipe.finish()
        let body = RequestBody(declaredLength: declared, pipe: pipe)
        let code = await HTTP2ConnectionTests.code { () async throws(TransportError) in
            _ = try await body.collect(upTo: limit)
        }
        #expect(code == (fails ? .bodyTooLarge : nil))
    }

    @Test func `a failure comes after the bytes that came before it`() async throws {
        let pipe = RequestBodyPipe()
        let body = RequestBody(declaredLength: nil, pipe: pipe)
        pipe.receive(ByteBuffer(string: "ab"))
        pipe.fail(TransportError(.connectionClosed, "gone"))
        #expect(try await body.next() == ByteBuffer(string: "ab"))
        await #expect(throws: TransportError(.connectionClosed, "")) { try await body.next() }
    }

    @Test func `a cancelled reader stops waiting`() async {
        let pipe = RequestBodyPipe()
        let body = RequestBody(declaredLength: nil, pipe: pipe)
        let reader = Task {
            await HTTP2ConnectionTests.code { () async throws(TransportError) in _ = try await body.next() }
        }
        reader.cancel()
        #expect(await reader.value == .cancelled)
    }

    @Test func `what is abandoned is counted once`() {
        let pipe = RequestBodyPipe()
        pipe.receive(ByteBuffer(string: "abc"))
        #expect(pipe.abandon() == 3)
        #expect(pipe.abandon() == 0)
    }
}
