public import NIOCore
public import NIOHTTP1

/// Status and fields of an answer.
public struct HTTPResponseHead: Sendable {
    /// The status code.
    public var status: HTTPResponseStatus
    /// Fields that other answers have, too; they come first.
    private(set) var shared: ResponseFields?
    /// Fields of this answer.
    private(set) var own: HTTPHeaders
    /// A field whose value no other answer has; it comes last.
    private(set) var unique: (name: String, value: String)?

    /// Makes a head.
    public init(status: HTTPResponseStatus, headers: HTTPHeaders = [:]) {
        self.init(status: status, shared: nil, headers: headers)
    }

    /// Makes a head of fields that other answers `shared`, those of this answer, and one whose value is `unique`.
    public init(
        status: HTTPResponseStatus, shared: ResponseFields?, headers: HTTPHeaders = [:],
        unique: (name: String, value: String)? = nil
    ) {
        self.status = status
        self.shared = shared
        own = headers
        self.unique = unique
    }

    /// All fields; `date` and, for whole answers, `content-length` are added by the transport.
    public var headers: HTTPHeaders {
        get {
            guard shared != nil || unique != nil else { return own }
            var all = shared?.headers ?? [:]
            all.add(contentsOf: own)
            if let unique { all.add(name: unique.name, value: unique.value) }
            return all
        }
        set { self = HTTPResponseHead(status: status, headers: newValue) }
    }

    /// The same with all fields its own.
    var alone: HTTPResponseHead {
        shared == nil && unique == nil ? self : HTTPResponseHead(status: status, headers: headers)
    }
}

/// The right to answer one request, once.
///
/// Dropped unanswered it answers 500 and the server logs it. Callable from any thread; on the connection's event loop it
/// costs no hop.
public struct ResponseWriter: ~Copyable, Sendable {
    private var sink: (any ResponseSink)?

    /// A writer that gives the answer to `sink`.
    package init(sink: any ResponseSink) { self.sink = sink }

    /// Sends the whole answer. `content-length` is set here; a HEAD's or 204's or 304's body is left out.
    public consuming func send(_ head: HTTPResponseHead, body: ByteBuffer? = nil) {
        guard let sink = sink.take() else { return }
        if sink.eventLoop.inEventLoop {
            sink.send(head, body: body)
        } else {
            sink.eventLoop.execute { sink.send(head, body: body) }
        }
    }

    /// Sends the head now, and gives the writer of the body that follows.
    ///
    /// Throws `.cancelled` if the task is.
    public consuming func start(_ head: HTTPResponseHead) async throws(TransportError) -> ResponseBodyWriter {
        guard let sink = sink.take() else { throw TransportError(.cancelled, "the response was sent already") }
        if sink.eventLoop.inEventLoop {
            sink.start(head)
        } else {
            sink.eventLoop.execute { sink.start(head) }
        }
        return ResponseBodyWriter(sink: sink)
    }

    deinit {
        guard let sink else { return }
        if sink.eventLoop.inEventLoop {
            sink.abandon()
        } else {
            sink.eventLoop.execute { sink.abandon() }
        }
    }
}
