import NIOCore
import NIOPosix
import TestSupport

/// An outside server: a program that runs while a test talks to it.
struct ToolServer {
    let port: Int

    /// Starts `tool`, waits until it takes connections, and ends it after `body`.
    static func with<R>(
        _ tool: Tool, _ arguments: (_ port: Int) -> [String], _ body: (ToolServer) async throws -> R
    ) async throws -> R {
        let port = try await freePort()
        let program = try tool.start(arguments(port))
        do {
            try await eventually("\(tool.name) takes connections") {
                guard program.isRunning else { throw Trouble("\(tool.name) ended: \(program.printed.err)") }
                return await listens(port)
            }
            let result = try await body(ToolServer(port: port))
            await program.stop()
            return result
        } catch {
            await program.stop()
            throw error
        }
    }

    private static func freePort() async throws -> Int {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        try await listener.close()
        return port
    }

    private static func listens(_ port: Int) async -> Bool {
        let connected = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try? await connected?.close()
        return connected != nil
    }
}
