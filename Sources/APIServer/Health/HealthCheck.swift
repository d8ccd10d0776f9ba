internal import NIOConcurrencyHelpers

/// One thing that must be in order for the server to be alive or ready.
public struct HealthCheck: Sendable {
    /// Which endpoints a check belongs to.
    public struct Scope: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        /// A scope of its bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// `/livez`: fails only when a restart would help. Never depends on the store or on another server.
        public static let livez = Scope(rawValue: 1)
        /// `/readyz`: fails while requests should go elsewhere.
        public static let readyz = Scope(rawValue: 2)
        /// `/healthz`, deprecated by the two others.
        public static let healthz = Scope(rawValue: 4)
        /// All three.
        public static let everywhere: Scope = [.livez, .readyz, .healthz]
    }

    /// Its name in `?verbose`, `?exclude=` and `/readyz/<name>`.
    public let name: String
    /// Where it is made.
    public let scope: Scope
    let check: @Sendable () async throws -> Void
    let note: @Sendable () -> String?

    /// A check that fails by throwing. The error's text is logged, and sent only to who may ask for the check by its name.
    ///
    /// - Parameter note: what is worth telling though the check passes: `[+]storage ok: …` under `?verbose`, for anybody.
    public init(
        _ name: String, in scope: Scope, note: @escaping @Sendable () -> String? = { nil },
        check: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.scope = scope
        self.check = check
        self.note = note
    }

    /// Passes if the server answers at all.
    public static let ping = HealthCheck("ping", in: .everywhere) {}
}

/// Says since when the server is going away: `/readyz` fails from then on, everything else works on (conformance 14.1).
public final class ShutdownNotice: Sendable {
    private let isGoing = NIOLockedValueBox(false)

    /// Nothing announced yet.
    public init() {}

    /// The server is going away.
    public func announce() { isGoing.withLockedValue { $0 = true } }

    /// Whether it is going away.
    public var isAnnounced: Bool { isGoing.withLockedValue { $0 } }

    /// The check `shutdown` of `/readyz`.
    public var check: HealthCheck {
        HealthCheck("shutdown", in: .readyz) { [self] in
            if isAnnounced { throw HealthFailure("process is shutting down") }
        }
    }
}

/// Why a check fails.
public struct HealthFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A failure of a reason.
    public init(_ description: String) { self.description = description }
}
