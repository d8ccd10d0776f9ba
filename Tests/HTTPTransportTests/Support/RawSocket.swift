import NIOCore
import NIOPosix

/// A TCP connection that says nothing.
enum RawSocket {
    /// Connects and returns when the server closes.
    static func connectAndWait(port: Int) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
            host: "127.0.0.1", port: port
        ).get()
        try await channel.closeFuture.get()
    }

    /// Connects for as long as `body` runs.
    static func withConnection(port: Int, _ body: () async throws -> Void) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
            host: "127.0.0.1", port: port
        ).get()
        try await body()
        try await channel.close()
    }
}
