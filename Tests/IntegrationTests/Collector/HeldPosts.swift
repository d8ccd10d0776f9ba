import Foundation
import NIOCore
import NIOPosix
import TestSupport

/// POSTs whose bodies stop before their end until a test lets them go on: each takes a place among the server's requests meanwhile.
enum HeldPosts {
    /// Sends heads and all but the last byte of the bodies, gives them to `body`, then sends the last bytes; the status lines.
    static func with(
        _ count: Int, port: Int, target: String, _ bytes: [UInt8], _ body: () async throws -> Void
    ) async throws -> [String] {
        let head = "POST \(target) HTTP/1.1\r\nHost: collector\r\nContent-Length: \(bytes.count)\r\n\r\n"
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let releases = (0..<count).map { _ in AsyncStream.makeStream(of: Void.self) }
        @Sendable func release() { for (_, release) in releases { release.finish() } }
        return try await withThrowingTaskGroup(of: String.self) { group in
            for (released, _) in releases {
                group.addTask {
                    let channel = try await connect(port)
                    return try await channel.executeThenClose { input, output in
                        try await output.write(ByteBuffer(bytes: Array(head.utf8) + bytes.dropLast()))
                        begin.yield()
                        for await _ in released {}
                        try await output.write(ByteBuffer(bytes: bytes.suffix(1)))
                        return try await statusLine(input)
                    }
                }
            }
            var iterator = begun.makeAsyncIterator()
            for _ in 0..<count { _ = await iterator.next() }
            do {
                try await body()
            } catch {
                release()
                throw error
            }
            release()
            var lines: [String] = []
            for try await line in group { lines.append(line) }
            return lines
        }
    }

    private static func connect(_ port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    private static func statusLine(_ input: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> String {
        var text = ""
        for try await part in input {
            text += String(decoding: part.readableBytesView, as: UTF8.self)
            if let end = text.range(of: "\r\n") { return String(text[..<end.lowerBound]) }
        }
        throw Trouble("the server closed the connection: \(text)")
    }
}
