import NIOCore
import NIOPosix

/// A client that sends the frames it is told to, right or wrong, over plain TCP with prior knowledge.
final class RawHTTP2 {
    struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]

        /// A 32-bit number of the payload.
        func number(at offset: Int) -> UInt32 {
            payload.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        }
        /// The `:status` of a header block that begins with it, as nghttp2's does.
        var status: Int? {
            let block = payload.drop { $0 & 0xE0 == 0x20 }
            let indexed = [0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500]
            guard let first = block.first else { return nil }
            if let code = indexed[Int(first)] { return code }
            // A literal with :status as name, Huffman coded where that saves a byte (RFC 7541 §5.2).
            let value = block.dropFirst(2).prefix(Int(block.dropFirst().first ?? 0) & 0x7F)
            guard block.dropFirst().first.map({ $0 & 0x80 != 0 }) == true else {
                return Int(String(decoding: value, as: UTF8.self))
            }
            return Self.huffmanDigits(Array(value))
        }
        /// Three digits in the code of RFC 7541 appendix B: 0 to 2 have five bits, 3 to 9 six.
        private static func huffmanDigits(_ bytes: [UInt8]) -> Int {
            var bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> (7 - $0)) & 1 } }[...]
            var number = 0
            for _ in 0..<3 {
                let five = bits.prefix(5).reduce(0) { $0 << 1 | $1 }
                if five < 3 {
                    number = number * 10 + five
                    bits = bits.dropFirst(5)
                } else {
                    number = number * 10 + bits.prefix(6).reduce(0) { $0 << 1 | $1 } - 0b011001 + 3
                    bits = bits.dropFirst(6)
                }
            }
            return number
        }
        var endsStream: Bool { flags & 1 != 0 }
    }
    enum Kind {
        static let data: UInt8 = 0, headers: UInt8 = 1, priority: UInt8 = 2, reset: UInt8 = 3, settings: UInt8 = 4
        static let ping: UInt8 = 6, goAway: UInt8 = 7, windowUpdate: UInt8 = 8, continuation: UInt8 = 9
    }

    private var input: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let output: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var buffer = ByteBuffer()
    /// Frames seen so far.
    private(set) var seen: [Frame] = []

    private init(_ input: NIOAsyncChannelInboundStream<ByteBuffer>, _ output: NIOAsyncChannelOutboundWriter<ByteBuffer>)
    {
        self.input = input.makeAsyncIterator()
        self.output = output
    }

    /// Connects, sends preface and SETTINGS, and gives the client to `body`.
    static func with<R: Sendable>(
        port: Int, settings: [(UInt16, UInt32)] = [], _ body: (RawHTTP2) async throws -> R
    ) async throws -> R {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        var result: R?
        do {
            try await channel.executeThenClose { input, output in
                let client = RawHTTP2(input, output)
                let payload = settings.flatMap { id, value in bytes(id) + bytes(value) }
                try await client.send(
                    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(Kind.settings, payload: payload))
                result = try await body(client)
            }
        } catch let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed {
            // The server was first to close, after all that `body` wanted to see.
            guard result != nil else { throw error }
        }
        guard let result else { throw ChannelError.eof }
        return result
    }

    // MARK: out

    static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) -> [UInt8] {
        bytes(UInt32(payload.count)).dropFirst() + [type, flags] + bytes(stream) + payload
    }

    /// HPACK (RFC 7541 §6.2.2): literals without indexing, not Huffman coded.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + string(name) + string(value) }
    }

    private static func string(_ text: String) -> [UInt8] {
        var length = text.utf8.count
        guard length >= 127 else { return [UInt8(length)] + Array(text.utf8) }
        var prefix: [UInt8] = [127]
        length -= 127
        while length >= 128 {
            prefix.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        return prefix + [UInt8(length)] + Array(text.utf8)
    }

    static func headers(
        _ stream: UInt32, _ path: String = "/", method: String = "GET", ends: Bool = true, more: [(String, String)] = []
    ) -> [UInt8] {
        let block = block(
            [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost")] + more)
        // In as many frames as a peer that keeps to 16 KiB needs.
        var rest = block[...]
        var frames: [UInt8] = []
        var isFirst = true
        repeat {
            let part = rest.prefix(16_384)
            rest = rest.dropFirst(part.count)
            let end: UInt8 = rest.isEmpty ? 4 : 0
            frames += frame(
                isFirst ? Kind.headers : Kind.continuation, flags: end | (isFirst && ends ? 1 : 0), stream: stream,
                payload: Array(part))
            isFirst = false
        } while !rest.isEmpty
        return frames
    }

    /// A server's HEADERS with `:status` 200.
    static func ok(_ stream: UInt32, ends: Bool = false) -> [UInt8] {
        frame(Kind.headers, flags: ends ? 5 : 4, stream: stream, payload: [0x88])
    }

    static func data(_ stream: UInt32, _ text: String, ends: Bool = true) -> [UInt8] {
        frame(Kind.data, flags: ends ? 1 : 0, stream: stream, payload: Array(text.utf8))
    }

    static func settings(_ values: [(UInt16, UInt32)] = []) -> [UInt8] {
        frame(Kind.settings, payload: values.flatMap { bytes($0) + bytes($1) })
    }

    static func goAway(_ last: UInt32, _ code: UInt32 = 0, _ text: String = "") -> [UInt8] {
        frame(Kind.goAway, payload: bytes(last) + bytes(code) + Array(text.utf8))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] {
        frame(Kind.reset, stream: stream, payload: bytes(code))
    }

    /// Bytes for a connection that the server has closed are lost, as on any socket: `next` tells.
    func send(_ bytes: [UInt8]) async throws {
        do {
            try await output.write(ByteBuffer(bytes: bytes))
        } catch let error as ChannelError where error == .ioOnClosedChannel {
            return
        }
    }

    // MARK: in

    /// The next frame; nil when the server closed the connection.
    func next() async throws -> Frame? {
        while true {
            if let frame = Self.take(from: &buffer) {
                seen.append(frame)
                return frame
            }
            let more: ByteBuffer?
            do { more = try await input.next(isolation: #isolation) } catch is IOError {
                return nil
            } catch is ChannelError {
                return nil
            }
            guard var more else { return nil }
            buffer.writeBuffer(&more)
        }
    }

    /// The next whole frame of a buffer.
    static func take(from buffer: inout ByteBuffer) -> Frame? {
        guard let head = buffer.getBytes(at: buffer.readerIndex, length: 9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard buffer.readableBytes >= 9 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 9)
        let stream = head[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Frame(type: head[3], flags: head[4], stream: stream, payload: buffer.readBytes(length: length) ?? [])
    }

    /// Reads on to the first frame of a type, and of a stream if one is named; nil at the end of the connection.
    func first(_ type: UInt8, stream: UInt32? = nil) async throws -> Frame? {
        while let frame = try await next() {
            if frame.type == type, stream == nil || frame.stream == stream { return frame }
        }
        return nil
    }

    /// The error code of the last GOAWAY before the server closes the connection; nil if there is none.
    func goAwayCode() async throws -> UInt32? {
        while try await next() != nil {}
        return seen.last { $0.type == Kind.goAway }?.number(at: 4)
    }
}
