public import NIOHTTP1
import Synchronization

/// The header fields of a request as one object: requests of an HTTP/2 connection that carry the same fields share it.
///
/// What a handler reads from the fields alone it need not read for each request, see ``facts(_:)``.
public final class RequestFields: Sendable {
    /// The fields in the order they came. Pseudo headers are not among them.
    public let headers: HTTPHeaders
    private let known = Mutex<(any AnyObject & Sendable)?>(nil)

    /// The fields `headers`, of which nothing is known yet.
    public init(_ headers: HTTPHeaders) { self.headers = headers }

    /// What `find` makes of the fields; made once. There is room for facts of one type, those of the handler.
    @inlinable
    public func facts<Facts: AnyObject & Sendable>(_ find: (HTTPHeaders) -> Facts) -> Facts {
        if let facts = kept as? Facts { return facts }
        let facts = find(headers)
        kept = facts
        return facts
    }

    @usableFromInline var kept: (any AnyObject & Sendable)? {
        get { known.withLock { $0 } }
        set { known.withLock { $0 = newValue } }
    }
}
