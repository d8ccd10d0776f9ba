internal import APIServer
internal import HTTPTransport
internal import Logging

/// The end of a server that no client notices (conformance 14.1):
///
/// | phase | length | what happens |
/// |---|---|---|
/// | announced | `--shutdown-delay-duration` | `/readyz` fails; everything else goes on, new connections too |
/// | refusing | until requests have ended, with `--shutdown-send-retry-after` only | still listening; new requests: 429 and `Connection: close` |
/// | leaving | a second | no more connections; GOAWAY 2^31-1; what still arrives is served |
/// | draining | `--shutdown-drain-duration` at most | GOAWAY with the last stream; requests end; watches end, spread over `--shutdown-watch-termination-grace-period` |
/// | closed | | what is left is closed |
struct ShutdownSequence: Sendable {
    let delay: Duration
    let drainTime: Duration
    let watchGrace: Duration
    let servers: [HTTPServer]
    let notice: ShutdownNotice
    let watches: DrainSignal
    /// Nil without `--shutdown-send-retry-after`.
    let gate: ShutdownGate?
    let logger: Logger

    private var connectionCount: Int { servers.reduce(0) { $0 + $1.connectionCount } }

    /// Runs through the phases; returns when all is closed.
    func run() async {
        notice.announce()
        try? await Task.sleep(for: delay)
        if let gate {
            gate.refuse()
            logger.notice("new requests are refused")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await gate.whenIdle() }
                group.addTask { try? await Task.sleep(for: drainTime) }
                await group.next()
                group.cancelAll()
            }
        }
        logger.notice("clients are sent away", metadata: ["connections": "\(connectionCount)"])
        async let ending: Void = watches.drain(over: watchGrace)
        await withTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { await server.shutdown(drain: drainTime) } }
        }
        await ending
    }
}
