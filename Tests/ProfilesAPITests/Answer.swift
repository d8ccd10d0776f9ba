import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a client would have got.
struct Answer: Sendable {
    var status = 0
    var headers = HTTPHeaders()
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
    var reason: String { json["reason"]?.stringValue ?? "" }
    var message: String { json["message"]?.stringValue ?? "" }
    var name: String { json["metadata"]?["name"]?.stringValue ?? "" }
    /// The fields that a 422 names.
    var causes: [String] { (json["details"]?["causes"]?.arrayValue ?? []).compactMap { $0["field"]?.stringValue } }
    /// The texts of `Warning` headers.
    var warnings: [String] { headers["warning"] }
    /// The names of a list.
    var names: [String] { (json["items"]?.arrayValue ?? []).compactMap { $0["metadata"]?["name"]?.stringValue } }
    /// The header of a Table and the cells of its rows.
    var columns: [String] { (json["columnDefinitions"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue } }
    var rows: [[String]] {
        (json["rows"]?.arrayValue ?? []).map { ($0["cells"]?.arrayValue ?? []).map { $0.stringValue ?? "\($0)" } }
    }
    func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Takes an answer as a connection would.
final class AnswerSink: ResponseSink {
    let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()
    let pieces: AsyncStream<[UInt8]>
    private let more: AsyncStream<[UInt8]>.Continuation
    private let head = Mutex(Answer())

    init() { (pieces, more) = AsyncStream.makeStream(of: [UInt8].self) }

    /// The next piece of the body; nil at the end.
    func nextPiece() async -> [UInt8]? {
        for await piece in pieces { return piece }
        return nil
    }

    /// The answer when it is complete or broken off.
    func answer() async -> Answer {
        var answer = Answer()
        for await piece in pieces { answer.body += piece }
        let head = head.withLock { $0 }
        answer.status = head.status
        answer.headers = head.headers
        return answer
    }

    func send(_ head: HTTPTransport.HTTPResponseHead, body: ByteBuffer?) {
        start(head)
        if let body { _ = write(body) }
        finish()
    }

    func start(_ head: HTTPTransport.HTTPResponseHead) {
        self.head.withLock {
            $0.status = Int(head.status.code)
            $0.headers = head.headers
        }
    }

    func write(_ buffer: ByteBuffer) -> WriteOutcome {
        more.yield(Array(buffer.readableBytesView))
        return .ready
    }

    func whenWritable(_ waiter: WriteWaiter) { waiter.resume(nil) }
    func cancelWait(_ waiter: WriteWaiter) {}
    func finish() { more.finish() }
    func abort() { more.finish() }
    func abandon() { more.finish() }

    /// The head's fields, once there is one.
    var headers: HTTPHeaders { head.withLock { $0.headers } }
}

/// The events of a watch, one a line.
final class Events {
    private let sink: AnswerSink
    private var rest: [UInt8] = []

    init(_ sink: AnswerSink) { self.sink = sink }

    /// The texts of `Warning` headers, once an event came.
    var warnings: [String] { sink.headers["warning"] }

    /// The next event; nil when the watch ended.
    func next() async -> JSONValue? {
        while true {
            if let end = rest.firstIndex(of: 0x0a) {
                let line = Array(rest[..<end])
                rest = Array(rest[(end + 1)...])
                return try? JSONValue.parse(line)
            }
            guard let piece = await sink.nextPiece() else { return nil }
            rest += piece
        }
    }

    /// The events up to the first of which `isLast` holds; ends with the watch.
    func until(_ isLast: (JSONValue) -> Bool) async -> [JSONValue] {
        var events: [JSONValue] = []
        while let event = await next() {
            events.append(event)
            if isLast(event) { break }
        }
        return events
    }
}
