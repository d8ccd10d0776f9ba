import NIOConcurrencyHelpers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The certificates in use, and their files.
///
/// A change of the files makes a new ``TLSContext`` and swaps it in one step: connections that are open keep the old one,
/// handshakes that begin take the new. A pair that doesn't match, as between the writing of two files, is refused and the
/// last good one kept until the files change into a good pair.
final class ReloadingTLSContext: Sendable {
    /// What tells two versions of the files apart.
    private struct Fingerprint: Equatable {
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds: Int = 0
        var nanoseconds: Int = 0
    }
    private struct State {
        var context: TLSContext
        var loaded: [Fingerprint]
        var refused: [Fingerprint]?
    }
    private let files: [String]
    private let make: @Sendable () throws(TransportError) -> TLSContext
    private let state: NIOLockedValueBox<State>

    /// Reads the files; throws as ``TLSContext``.
    convenience init(_ configuration: TLSConfiguration) throws(TransportError) {
        try self.init(files: [configuration.certificateFile, configuration.privateKeyFile]) {
            () throws(TransportError) in try TLSContext(configuration)
        }
    }

    /// A context that `make` makes now, and again when one of `files` has changed.
    init(files: [String], make: @escaping @Sendable () throws(TransportError) -> TLSContext) throws(TransportError) {
        self.files = files
        self.make = make
        let before = Self.fingerprints(files)
        state = NIOLockedValueBox(State(context: try make(), loaded: before))
    }

    /// The context for a new connection.
    var current: TLSContext { state.withLockedValue { $0.context } }

    /// Reads the files now, changed or not; throws as ``TLSContext`` and keeps the old pair then. Blocks on the files.
    func reload() throws(TransportError) {
        // Taken before reading: a change during the reading is seen as one by the next look.
        let before = Self.fingerprints(files)
        do {
            let context = try make()
            state.withLockedValue { $0 = State(context: context, loaded: before) }
        } catch {
            state.withLockedValue { $0.refused = before }
            throw error
        }
    }

    /// Reads the files if they have changed; nil if they have not, or were refused before. Blocks on the files.
    func reloadIfChanged() -> Result<Void, TransportError>? {
        let now = Self.fingerprints(files)
        let isNew = state.withLockedValue { now != $0.loaded && now != $0.refused }
        guard isNew else { return nil }
        return Result { () throws(TransportError) in try reload() }
    }

    private static func fingerprints(_ files: [String]) -> [Fingerprint] {
        files.map { path in
            var info = stat()
            guard stat(path, &info) == 0 else { return Fingerprint() }
            return Fingerprint(
                inode: UInt64(info.st_ino), size: Int64(info.st_size), seconds: info.st_mtim.tv_sec,
                nanoseconds: info.st_mtim.tv_nsec)
        }
    }
}
