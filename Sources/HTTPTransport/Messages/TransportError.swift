/// What went wrong between bytes and messages.
///
/// Two errors are equal if their codes are: tests and callers compare codes, people read ``message``.
public struct TransportError: Error, Equatable, CustomStringConvertible {
    /// The kind of a fault; a closed list that can grow without breaking callers.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case bodyTooLarge, headersTooLarge, timedOut, cancelled, connectionClosed, connectionRefused
            case hostUnreachable, handshakeFailed, badCertificate, protocolViolation, enhanceYourCalm
            case configuration, shuttingDown, unsupported, overloaded
        }
        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// A body is longer than the reader's limit.
        public static let bodyTooLarge = Code(.bodyTooLarge)
        /// A header list or request line is longer than the limit.
        public static let headersTooLarge = Code(.headersTooLarge)
        /// A deadline passed: connect, handshake, header, body progress, write progress or total.
        public static let timedOut = Code(.timedOut)
        /// The task was cancelled, or the peer reset the stream.
        public static let cancelled = Code(.cancelled)
        /// The connection ended before the message did.
        public static let connectionClosed = Code(.connectionClosed)
        /// Nobody listens at the address.
        public static let connectionRefused = Code(.connectionRefused)
        /// The name has no address, or there is no route to it.
        public static let hostUnreachable = Code(.hostUnreachable)
        /// TLS could not be agreed on.
        public static let handshakeFailed = Code(.handshakeFailed)
        /// A certificate or key can't be read, does not match, or does not lead to a trusted root.
        public static let badCertificate = Code(.badCertificate)
        /// The peer broke HTTP/1.1 (RFC 9112) or HTTP/2 (RFC 9113).
        public static let protocolViolation = Code(.protocolViolation)
        /// The peer obeys the protocol and abuses it: floods of resets, pings, settings.
        public static let enhanceYourCalm = Code(.enhanceYourCalm)
        /// A setting can't be used: a missing file, an unknown cipher suite, a negative limit.
        public static let configuration = Code(.configuration)
        /// The server or client is going away and takes no new work.
        public static let shuttingDown = Code(.shuttingDown)
        /// As many requests wait as may.
        public static let overloaded = Code(.overloaded)
        /// Correct, but not something this side does.
        public static let unsupported = Code(.unsupported)

        /// The code's name as it stands in logs.
        public var description: String { kind.rawValue }
    }

    /// The kind of the fault.
    public let code: Code
    /// One sentence for people, with the place, the value and the limit.
    public let message: String
    /// The error of a lower layer, for logs only.
    public let cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Equal by code.
    public static func == (a: TransportError, b: TransportError) -> Bool { a.code == b.code }

    /// `code: message`, and the cause if there is one.
    public var description: String {
        guard let cause else { return "\(code): \(message)" }
        return "\(code): \(message) (\(cause))"
    }
}
