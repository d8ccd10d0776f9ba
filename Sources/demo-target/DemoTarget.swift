import HTTPTransport
import Logging
import NIOCore

/// The running program: a workload and the server that shows it.
struct DemoTarget: Sendable {
    let workload: Workload
    let profiler: CPUProfiler
    private let server: HTTPServer
    /// Where it listens.
    let address: SocketAddress

    /// Starts work and listens.
    static func start(_ options: DemoOptions) async throws -> DemoTarget {
        let workload = Workload(workers: options.workers)
        let handler = PprofHandler(workload)
        let server = HTTPServer(
            configuration: ServerConfiguration(bindAddress: options.host, port: options.port, tls: nil),
            handler: handler, logger: Logger(label: "demo-target"))
        do {
            let address = try await server.start()
            return DemoTarget(workload: workload, profiler: handler.profiler, server: server, address: address)
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
        await server.shutdown(goAwayInterval: .zero, drain: .zero)
    }
}
