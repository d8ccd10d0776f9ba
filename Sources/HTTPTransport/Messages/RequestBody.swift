public import NIOCore

/// The body of a request, read piece by piece.
///
/// Backpressure: the peer may send as much as the connection's window allows beyond what was read. A body that nobody
/// reads is thrown away when the handler returns. `100-continue` is sent at the first read (RFC 9110 §10.1.1).
/// There is one reader at a time.
public struct RequestBody: Sendable {
    /// The `Content-Length`, if the client sent one; 0 for a request that has no body.
    public let declaredLength: Int?
    private let pipe: RequestBodyPipe?

    /// A body of no bytes.
    public static var empty: RequestBody { RequestBody(declaredLength: 0, pipe: nil) }

    /// A body that is there already, for tests of handlers.
    public static func bytes(_ buffer: ByteBuffer) -> RequestBody {
        let pipe = RequestBodyPipe()
        pipe.receive(buffer)
        pipe.finish()
        return RequestBody(declaredLength: buffer.readableBytes, pipe: pipe)
    }

    /// A body that `pipe` is filled with; nil if it is empty.
    package init(declaredLength: Int?, pipe: RequestBodyPipe?) {
        self.declaredLength = declaredLength
        self.pipe = pipe
    }

    /// The next bytes, never empty; nil after the last.
    ///
    /// Throws `.cancelled` (stream reset, or the task was cancelled), `.connectionClosed`, `.timedOut` (the body came too
    /// slowly), `.protocolViolation`.
    public func next() async throws(TransportError) -> ByteBuffer? {
        guard let pipe else { return nil }
        return try await pipe.next()
    }

    /// All that is left of the body, in one buffer.
    ///
    /// Throws `.bodyTooLarge` as soon as the declared length or the bytes read exceed `limit`, else as ``next()``.
    public func collect(upTo limit: Int) async throws(TransportError) -> ByteBuffer {
        if let declaredLength, declaredLength > limit { throw Self.tooLarge(limit) }
        guard var all = try await next() else { return ByteBuffer() }
        guard all.readableBytes <= limit else { throw Self.tooLarge(limit) }
        if let declaredLength, declaredLength > all.readableBytes {
            all.reserveCapacity(minimumWritableBytes: declaredLength - all.readableBytes)
        }
        while var more = try await next() {
            guard more.readableBytes <= limit - all.readableBytes else { throw Self.tooLarge(limit) }
            all.writeBuffer(&more)
        }
        return all
    }

    private static func tooLarge(_ limit: Int) -> TransportError {
        TransportError(.bodyTooLarge, "the request body is larger than \(limit) bytes")
    }
}
