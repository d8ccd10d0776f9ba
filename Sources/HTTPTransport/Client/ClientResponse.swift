public import NIOCore
public import NIOHTTP1

/// A response whose body is read as it comes.
///
/// Only some 256 KiB are buffered ahead of the reader. A response that is dropped before its body's end costs HTTP/1.1 its connection, so
/// read it to the end where connections shall be reused; HTTP/2 resets its stream.
public final class ClientResponse: Sendable {
    /// Status and fields, as the server sent them. A redirect is an answer like any other.
    public let head: HTTPResponseHead
    /// `Content-Length`; nil if the server didn't say.
    public let declaredLength: Int?
    /// The protocol it came by: `.http2`, or what the status line says.
    public let version: HTTPVersion
    private let exchange: ClientExchange

    init(_ head: ClientExchangeHead, exchange: ClientExchange) {
        self.head = head.head
        declaredLength = head.declaredLength
        version = head.version
        self.exchange = exchange
    }

    deinit { exchange.abandon() }

    /// The next bytes, never empty; nil after the last.
    ///
    /// Throws `.timedOut` (idle or total), `.connectionClosed` (the body is not whole), `.protocolViolation`, `.cancelled`.
    public func next() async throws(TransportError) -> ByteBuffer? { try await exchange.pipe.next() }

    /// All that is left of the body.
    ///
    /// Throws `.bodyTooLarge` as soon as the declared length or the bytes read exceed `limit` (the rest is not wanted then), else as
    /// ``next()``.
    public func collect(upTo limit: Int) async throws(TransportError) -> ByteBuffer {
        if let declaredLength, declaredLength > limit { throw tooLarge(limit, "\(declaredLength) bytes") }
        guard var all = try await next() else { return ByteBuffer() }
        guard all.readableBytes <= limit else { throw tooLarge(limit, "more") }
        while var more = try await next() {
            guard more.readableBytes <= limit - all.readableBytes else { throw tooLarge(limit, "more") }
            all.writeBuffer(&more)
        }
        return all
    }

    private func tooLarge(_ limit: Int, _ found: String) -> TransportError {
        exchange.abandon()
        return TransportError(.bodyTooLarge, "the response's body has \(found), the limit is \(limit) bytes")
    }
}
