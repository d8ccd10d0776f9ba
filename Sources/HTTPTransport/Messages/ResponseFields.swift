public import NIOHTTP1

/// Fields that many answers have in common, brought once into the form in which HTTP/2 sends them.
public final class ResponseFields: Sendable {
    /// The fields in their order.
    public let headers: HTTPHeaders
    /// Nil where one of them is not to be sent as it is: a field of the connection, a length, a date.
    let block: HTTP2FieldBlock?

    /// The fields `headers`.
    public init(_ headers: HTTPHeaders) {
        self.headers = headers
        var block = HTTP2FieldBlock()
        for (name, value) in headers { block.add(name, value) }
        self.block = headers.allSatisfy { HTTP2FieldKind($0.name) == .other } ? block : nil
    }
}
