import HTTPTransport
import Logging
import NIOConcurrencyHelpers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that somebody rotates: read again when what is known is a minute old, and when asked to.
///
/// A file that can't be read any more keeps its last content; that is logged, once for each fault.
final class RotatingFile: Sendable {
    private struct State {
        var bytes: [UInt8]?
        var read: Duration = .zero
        var fault: String?
    }

    /// How old what is known may be.
    static let age = Duration.seconds(60)
    /// More bytes than that are no token and no certificate.
    static let sizeLimit = 1 << 20

    let path: String
    private let what: String
    private let clock: SteadyClock
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    init(_ path: String, what: String, clock: SteadyClock, logger: Logger) {
        self.path = path
        self.what = what
        self.clock = clock
        self.logger = logger
    }

    /// The content, at most ``age`` old.
    ///
    /// - Throws: `.configuration` if it was never readable.
    func bytes() async throws(KubeClientError) -> [UInt8] {
        let now = clock.now
        let known = state.withLockedValue { $0.bytes != nil && now - $0.read < Self.age ? $0.bytes : nil }
        if let known { return known }
        return try await read()
    }

    /// Reads it now; whether it is other than it was.
    func renew() async -> Bool {
        let before = state.withLockedValue { $0.bytes }
        guard let bytes = try? await read() else { return false }
        return bytes != before
    }

    private func read() async throws(KubeClientError) -> [UInt8] {
        let path = path
        let result = await offEventLoop { Self.contents(of: path) }
        let now = clock.now
        switch result {
        case .success(let bytes):
            state.withLockedValue { $0 = State(bytes: bytes, read: now) }
            return bytes
        case .failure(let fault):
            let message = "\(what) \(path): \(fault.what)"
            let (kept, isNew) = state.withLockedValue { state in
                defer {
                    state.fault = message
                    state.read = now
                }
                return (state.bytes, state.fault != message)
            }
            guard let kept else { throw KubeClientError(.configuration, message) }
            if isNew {
                logger.warning("a file can't be read again, its last content stays", metadata: ["fault": "\(message)"])
            }
            return kept
        }
    }

    struct Fault: Error { let what: String }

    /// Blocks on the file system.
    static func contents(of path: String, limit: Int = sizeLimit) -> Result<[UInt8], Fault> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Fault(what: String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return .success(bytes) }
            guard count > 0 else {
                if errno == EINTR { continue }
                return .failure(Fault(what: String(cString: strerror(errno))))
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { return .failure(Fault(what: "is larger than \(limit) bytes")) }
        }
    }
}
