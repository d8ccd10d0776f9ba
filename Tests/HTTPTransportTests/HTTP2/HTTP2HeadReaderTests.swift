import NIOHTTP1
import Testing

@testable import HTTPTransport

/// Heads of one connection: what they say, and what of it they share.
struct HTTP2HeadReaderTests {
    private static let agent = [("user-agent", "curl"), ("authorization", "Bearer one")]

    private static func read(
        _ reader: inout HTTP2HeadReader, _ fields: [(String, String)], path: String = "/a", method: String = "GET",
        limit: Int = 16_384
    ) -> HTTP2RequestHead {
        reader.begin()
        let pseudo = [(":method", method), (":scheme", "https"), (":authority", "host:1"), (":path", path)]
        for (name, value) in pseudo + fields {
            Array(name.utf8).withUnsafeBufferPointer { name in
                Array(value.utf8).withUnsafeBufferPointer { reader.add(name, $0, limit: limit) }
            }
        }
        return reader.end()
    }

    @Test func readsAHeadWhole() {
        var reader = HTTP2HeadReader()
        let fields = Self.agent + [("content-length", "12"), ("expect", "100-Continue"), ("empty", ""), ("é", "ü")]
        let head = Self.read(&reader, fields, path: "/p?q=%20", method: "POST")
        #expect(head.message.method == .POST && head.message.target == "/p?q=%20")
        #expect(head.message.authority == "host:1" && head.message.version == .http2)
        #expect(head.message.headers.map { "\($0.name)=\($0.value)" } == fields.map { "\($0.0)=\($0.1)" })
        #expect(head.fields.contentLength == 12 && head.fields.expectsContinue && !head.isTooLarge)
    }

    @Test func equalFieldsAreOneObjectWhateverThePath() {
        var reader = HTTP2HeadReader()
        let first = Self.read(&reader, Self.agent, path: "/a")
        let second = Self.read(&reader, Self.agent, path: "/b")
        #expect(first.fields === second.fields)
        #expect(first.target == "/a" && second.target == "/b")
    }

    /// Whoever shares a connection shares nothing else: each difference, however small, is seen.
    @Test(arguments: [
        [("user-agent", "curl"), ("authorization", "Bearer two")],
        [("user-agent", "curl"), ("authorization", "Bearer on")],
        [("user-agent", "curl"), ("authorization", "Bearer one ")],
        [("user-agent", "curl")],
        [("authorization", "Bearer one"), ("user-agent", "curl")],
        [("user-agent", "curla"), ("uthorization", "Bearer one")],
        [("user-agent", "curl"), ("authorization", "Bearer one"), ("x", "")],
        [],
    ])
    func otherFieldsAreNotTheSame(_ fields: [(String, String)]) {
        var reader = HTTP2HeadReader()
        let first = Self.read(&reader, Self.agent)
        let other = Self.read(&reader, fields)
        #expect(first.fields !== other.fields)
        #expect(other.message.headers.map { "\($0.name)=\($0.value)" } == fields.map { "\($0.0)=\($0.1)" })
        #expect(Self.read(&reader, Self.agent).message.headers.first(name: "authorization") == "Bearer one")
        #expect(Self.read(&reader, Self.agent, method: "HEAD").message.method == .HEAD)
    }

    @Test func fieldsThatNeverRepeatAreNotRemembered() {
        var reader = HTTP2HeadReader()
        for number in 0..<100 { _ = Self.read(&reader, [("audit-id", "\(number)")]) }
        let first = Self.read(&reader, Self.agent)
        let second = Self.read(&reader, Self.agent)
        #expect(first.fields !== second.fields)
        #expect(second.message.headers.first(name: "user-agent") == "curl")
    }

    @Test func longFieldsAreReadAndNotRemembered() {
        var reader = HTTP2HeadReader()
        let fields = [("cookie", String(repeating: "x", count: 4000))]
        let first = Self.read(&reader, fields)
        #expect(first.fields !== Self.read(&reader, fields).fields)
        #expect(first.message.headers.first(name: "cookie")?.count == 4000)
    }

    @Test func aHeadOverTheLimitIsToldAndKeepsItsMethod() {
        var reader = HTTP2HeadReader()
        let head = Self.read(&reader, [("cookie", String(repeating: "x", count: 4000))], method: "HEAD", limit: 1000)
        #expect(head.isTooLarge && head.message.method == .HEAD)
        #expect(head.message.headers.isEmpty)
        #expect(!Self.read(&reader, Self.agent).isTooLarge)
    }

    @Test func factsAreFoundOncePerObject() {
        final class Facts: Sendable {}
        let fields = RequestFields(["a": "b"])
        let first = fields.facts { _ in Facts() }
        #expect(first === fields.facts { _ in Facts() })
        #expect(first !== RequestFields(["a": "b"]).facts { _ in Facts() })
    }
}
