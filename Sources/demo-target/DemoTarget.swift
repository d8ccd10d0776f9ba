import HTTPTransport
import Logging
import NIOCore

/// The running program: a workload and the listener that shows it.
struct DemoTarget: Sendable {
    let workload: Workload
    let profiler: CPUProfiler
    private let listener: HTTP1Listener
    /// Where it listens.
    var address: SocketAddress { listener.address }

    /// Starts work and listens.
    static func start(_ options: DemoOptions) async throws -> DemoTarget {
        let workload = Workload(workers: options.workers)
        let handler = PprofHandler(workload)
        do {
            let listener = try await HTTP1Listener.bind(
                host: options.host, port: options.port, handler: handler, logger: Logger(label: "demo-target"))
            return DemoTarget(workload: workload, profiler: handler.profiler, listener: listener)
        } catch {
            workload.stop()
            throw error
        }
    }

    /// `127.0.0.1:6060`.
    var place: String {
        let host = address.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)"
    }

    /// Ends the threads and closes the connections.
    func stop() async {
        workload.stop()
        await listener.close()
    }
}
