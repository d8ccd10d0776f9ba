import NIOCore
import NIOPosix

/// Ports of loopback that nobody listens on: for programs that can't tell which one the system chose.
public enum FreePort {
    /// One that was free a moment ago.
    public static func find() throws -> Int {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? channel.close().wait() }
        guard let port = channel.localAddress?.port else { throw Trouble("a socket of loopback has no port") }
        return port
    }
}
