/// Why a collector did not do what it was asked for. Equal by code.
public struct CollectorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure that a caller may tell apart.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case configuration, unreachable, untrusted, timeout, garbage, refused, notFound, tooLarge, overloaded,
                cancelled
        }
        private let kind: Kind

        /// The request can't be made of what was given: a bad address, an id that the collector can't be asked for.
        public static let configuration = Code(kind: .configuration)
        /// No connection, or it broke before the answer was whole.
        public static let unreachable = Code(kind: .unreachable)
        /// The collector's certificate is not believed: another authority's, for another name, expired; nothing was sent.
        public static let untrusted = Code(kind: .untrusted)
        /// No answer, or no whole one, in time.
        public static let timeout = Code(kind: .timeout)
        /// An answer that profefe's API doesn't give: no HTTP, no JSON, another shape, profiles that were not asked for.
        public static let garbage = Code(kind: .garbage)
        /// The collector, or a proxy before it, answered with an error; ``CollectorError/status`` has its status.
        public static let refused = Code(kind: .refused)
        /// The collector says that it has no such profile.
        public static let notFound = Code(kind: .notFound)
        /// An answer above the limit of its size.
        public static let tooLarge = Code(kind: .tooLarge)
        /// As many requests wait as may.
        public static let overloaded = Code(kind: .overloaded)
        /// The task was cancelled.
        public static let cancelled = Code(kind: .cancelled)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// The sentence for a log: what was asked for, the value and the limit.
    public let message: String
    /// The HTTP status of a refusal.
    public let status: Int?

    /// An error of its parts.
    public init(_ code: Code, _ message: String, status: Int? = nil) {
        self.code = code
        self.message = message
        self.status = status
    }

    /// Whether it says nothing of the question itself: the collector, or the way to it, is not well.
    public var isOutage: Bool {
        switch code {
        case .unreachable, .untrusted, .timeout, .garbage, .overloaded: true
        case .refused: (status ?? 0) >= 500 || status == 429
        default: false
        }
    }

    /// `code: message`
    public var description: String { "\(code): \(message)" }

    /// Equal by code.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
