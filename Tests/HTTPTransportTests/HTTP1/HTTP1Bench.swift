import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport

@testable import HTTPTransport

/// An ``HTTP1Connection`` without a socket: bytes in, bytes out, and a clock that moves when told. All runs on the caller's thread.
final class HTTP1Bench {
    let channel: EmbeddedChannel
    let wire = Wire()
    let observer = RecordingObserver()

    init(limits: ServerLimits = ServerLimits(), handler: any HTTPHandler) throws {
        channel = EmbeddedChannel()
        let loop = channel.embeddedEventLoop
        let context = ConnectionContext(
            handler: handler, limits: limits, executor: LoopExecutor(loop), date: DateCache(loop),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, observer: observer)
        try channel.pipeline.syncOperations.addHandler(wire)
        try HTTP1Connection.install(on: channel, context: context, peer: PeerConnection(id: 1))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    /// One read of the socket.
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        _ = try channel.writeInbound(ByteBuffer(bytes: bytes))
        settle()
    }

    /// Whether the connection asks for more bytes.
    var wantsRead: Bool {
        let before = wire.reads
        channel.read()
        return wire.reads > before
    }

    func settle() { channel.embeddedEventLoop.run() }

    func advance(_ time: Duration) { channel.embeddedEventLoop.advanceTime(by: TimeAmount(time)) }

    /// What was sent since the last call, without the Date lines.
    func answer() throws -> String {
        settle()
        var all = ByteBuffer()
        while var buffer = try channel.readOutbound(as: ByteBuffer.self) { all.writeBuffer(&buffer) }
        let lines = String(buffer: all).components("\r\n")
        return lines.filter { !$0.hasPrefix("date: ") }.joined(separator: "\r\n")
    }

    var isOpen: Bool { channel.isActive }
}

extension String {
    /// Cut at `separator`, empty pieces kept.
    func components(_ separator: String) -> [String] {
        var result: [String] = []
        var piece: [UInt8] = []
        let mark = Array(separator.utf8)
        for byte in utf8 {
            piece.append(byte)
            if piece.suffix(mark.count).elementsEqual(mark) {
                result.append(String(decoding: piece.dropLast(mark.count), as: UTF8.self))
                piece = []
            }
        }
        return result + [String(decoding: piece, as: UTF8.self)]
    }
}

/// The place of the socket: counts reads, and holds writes while it is blocked.
final class Wire: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var reads = 0
    var isBlocked = false
    private var held: [(NIOAny, EventLoopPromise<Void>?)] = []

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isBlocked { held.append((data, promise)) } else { context.write(data, promise: promise) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        for (_, promise) in held { promise?.fail(ChannelError.ioOnClosedChannel) }
        held = []
        context.close(mode: mode, promise: promise)
    }

    /// Lets `count` held writes through.
    func pass(_ count: Int, on channel: EmbeddedChannel) throws {
        let context = try channel.pipeline.syncOperations.context(handler: self)
        let passed = held.prefix(count)
        held.removeFirst(passed.count)
        for (data, promise) in passed { context.write(data, promise: promise) }
        context.flush()
    }
}

final class RecordingObserver: TransportObserver {
    let limits = NIOLockedValueBox<[String]>([])
    func limitReached(_ limit: String) { limits.withLockedValue { $0.append(limit) } }
}

extension ClosureHandler {
    /// Reads the body and says what it saw: `METHOD target authority body`.
    static let echo = ClosureHandler { request, response in
        do throws(TransportError) {
            let body = try await request.body.collect(upTo: 1 << 20)
            let head = request.head
            let text = "\(head.method) \(head.target) \(head.authority ?? "-") \(String(buffer: body))"
            response.send(HTTPResponseHead(status: .ok), body: ByteBuffer(string: text))
        } catch {
            response.send(HTTPResponseHead(status: .badRequest), body: ByteBuffer(string: error.code.description))
        }
    }

    /// Answers with the target without looking at the body.
    static let target = ClosureHandler { request, response in
        response.send(HTTPResponseHead(status: .ok), body: ByteBuffer(string: request.head.target))
    }
}
