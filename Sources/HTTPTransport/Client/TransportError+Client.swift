import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension TransportError {
    /// An error of the connection attempt to `origin`.
    init(connecting origin: ClientOrigin, _ error: any Error, after timeout: Duration) {
        if let error = error as? TransportError {
            self = error
            return
        }
        let place = "\(origin)"
        switch Self.kind(ofConnecting: error) {
        case .connectionRefused: self.init(.connectionRefused, "nobody listens at \(place)", cause: error)
        case .timedOut: self.init(.timedOut, "connect to \(place) took longer than \(timeout)", cause: error)
        case .hostUnreachable: self.init(.hostUnreachable, "\(place) has no address or no route", cause: error)
        default: self.init(.connectionClosed, "no connection to \(place)", cause: error)
        }
    }

    private static func kind(ofConnecting error: any Error) -> Code {
        switch error {
        case let error as IOError: kinds[error.errnoCode] ?? .connectionClosed
        case ChannelError.connectTimeout: .timedOut
        case let error as NIOConnectionError:
            // The attempts that got furthest say most: an address that refused beats a family that has no address.
            error.connectionErrors.map { kind(ofConnecting: $0.error) }.max { rank($0) < rank($1) } ?? .hostUnreachable
        case is SocketAddressError: .hostUnreachable
        default: .connectionClosed
        }
    }

    private static let kinds: [CInt: Code] = [
        ECONNREFUSED: .connectionRefused, EHOSTUNREACH: .hostUnreachable, ENETUNREACH: .hostUnreachable,
        EADDRNOTAVAIL: .hostUnreachable,
        EINVAL: .hostUnreachable, EACCES: .hostUnreachable, EPERM: .hostUnreachable, ETIMEDOUT: .timedOut,
    ]

    private static func rank(_ code: Code) -> Int {
        [Code.connectionClosed, .hostUnreachable, .timedOut, .connectionRefused].firstIndex(of: code) ?? 0
    }

    /// An error while a response is read.
    init(receiving error: any Error) {
        switch error {
        case let error as TransportError: self = error
        case HTTPParserError.invalidEOFState:
            self.init(.connectionClosed, "the server closed the connection before its answer was whole", cause: error)
        case HTTPParserError.headerOverflow:
            self.init(.headersTooLarge, "the response's head is too large", cause: error)
        case is HTTPParserError, is NIOHTTPDecoderError:
            self.init(.protocolViolation, "the server doesn't speak HTTP/1.1", cause: error)
        default: self.init(.connectionClosed, "the connection broke", cause: error)
        }
    }
}
