import NIOConcurrencyHelpers
import NIOCore

/// The client's certificates: read at the first use, looked at again from time to time, never on an event loop.
final class ClientTLS: Sendable {
    private struct State {
        var context: ReloadingTLSContext?
        var lastLook = NIODeadline.now()
        var fault: TransportError?
    }
    private let configuration: ClientTLSConfiguration
    private let files: [String]
    private let state = NIOLockedValueBox(State())

    init(_ configuration: ClientTLSConfiguration) {
        self.configuration = configuration
        var sources = [configuration.identity?.certificate, configuration.identity?.privateKey]
        if case .authorities(let source) = configuration.trust { sources.append(source) }
        files = sources.compactMap { $0?.path }
    }

    /// Why the files as they are now are not in use; nil if they are.
    var fault: TransportError? { state.withLockedValue { $0.fault } }

    /// The context for new connections.
    ///
    /// Throws `.badCertificate` if the files could never be read.
    func current(now: NIODeadline = .now()) async throws(TransportError) -> TLSContext {
        let (context, isDue) = state.withLockedValue { state in
            let isDue = !files.isEmpty && now - state.lastLook >= TimeAmount(configuration.reloadInterval)
            if isDue { state.lastLook = now }
            return (state.context, isDue)
        }
        guard let context else { return try await load().current }
        if isDue, let result = await look(context) { keep(result) }
        return context.current
    }

    /// Reads the files now.
    func reload() async throws(TransportError) {
        guard let context = state.withLockedValue({ $0.context }) else {
            _ = try await load()
            return
        }
        let result = await offEventLoop { () -> Result<Void, TransportError> in
            Result { () throws(TransportError) in try context.reload() }
        }
        keep(result)
        try result.get()
    }

    private func look(_ context: ReloadingTLSContext) async -> Result<Void, TransportError>? {
        await offEventLoop { () -> Result<Void, TransportError>? in context.reloadIfChanged() }
    }

    private func load() async throws(TransportError) -> ReloadingTLSContext {
        let (configuration, files) = (configuration, files)
        let loaded = try await offEventLoop { () throws(TransportError) in
            try ReloadingTLSContext(files: files) { () throws(TransportError) in try TLSContext(client: configuration) }
        }
        return state.withLockedValue { state in
            // Whoever was first counts: connections are shared by context.
            let context = state.context ?? loaded
            state.context = context
            return context
        }
    }

    private func keep(_ result: Result<Void, TransportError>) {
        state.withLockedValue { state in
            switch result {
            case .success: state.fault = nil
            case .failure(let error): state.fault = error
            }
        }
    }
}
