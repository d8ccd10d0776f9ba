import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport

@testable import HTTPTransport

/// A TLS server that sends the HTTP/2 frames it is told to, right or wrong.
final class ScriptedPeer: Sendable {
    /// One of its connections, used on its loop.
    final class Connection {
        /// 1 for the first that shook hands.
        let number: Int
        private let channel: any Channel

        init(number: Int, channel: any Channel) {
            self.number = number
            self.channel = channel
        }

        func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
        /// close_notify and FIN.
        func close() { channel.close(promise: nil) }
        /// FIN without close_notify.
        func cut() { channel.pipeline.fireUserInboundEventTriggered(DrainEvent.closeNow) }
    }
    typealias Script = @Sendable (RawHTTP2.Frame, Connection) -> Void

    let port: Int
    let certificates: TestCertificates
    /// Counts `connection`, `closed`, and each frame: `headers`, `reset 8`, `window 1` …
    let happenings: Happenings

    private init(port: Int, _ certificates: TestCertificates, _ happenings: Happenings) {
        self.port = port
        self.certificates = certificates
        self.happenings = happenings
    }

    var request: ClientRequest { ClientRequest(scheme: .https, host: "localhost", port: port) }

    /// Listens while `body` runs. `greeting` is sent after the handshake, `script` called for each frame but acknowledgements of SETTINGS.
    static func with<R: Sendable>(
        greeting: [UInt8] = RawHTTP2.settings(), _ script: @escaping Script,
        _ body: (ScriptedPeer) async throws -> R
    ) async throws -> R {
        let certificates = try TestCertificates()
        let happenings = Happenings()
        let context = try TLSContext(
            TLSConfiguration(
                certificateFile: certificates.server.certificateFile, privateKeyFile: certificates.server.keyFile))
        let count = NIOLockedValueBox(0)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.closeFuture.whenComplete { _ in happenings.add("closed") }
                    let handler = TLSHandler(
                        session: try TLSSession(context, loop: LoopBuffers()), handshakeTimeout: .seconds(20),
                        closeTimeout: .seconds(1),
                        events: .init(
                            established: { channel, _ in
                                let number = count.withLockedValue { count in
                                    count += 1
                                    return count
                                }
                                happenings.add("connection")
                                let peer = Connection(number: number, channel: channel)
                                try channel.pipeline.syncOperations.addHandler(
                                    FrameReader(peer, happenings, script))
                                if !greeting.isEmpty { peer.send(greeting) }
                            },
                            failed: { happenings.add("handshake \($0.code)") }))
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let peer = ScriptedPeer(port: listener.localAddress?.port ?? 0, certificates, happenings)
        do {
            let result = try await body(peer)
            try await listener.close()
            return result
        } catch {
            try? await listener.close()
            throw error
        }
    }

    /// The same with a client that trusts the peer; the client is shut down at the end, and must have no connection then.
    static func withClient<R: Sendable>(
        greeting: [UInt8] = RawHTTP2.settings(), configure: (inout HTTPClientConfiguration) -> Void = { _ in },
        _ script: @escaping Script, _ body: (ScriptedPeer, HTTPClient) async throws -> R
    ) async throws -> R {
        try await with(greeting: greeting, script) { peer in
            try await TestClient.with(trusting: peer.certificates, configure: configure) { client in
                try await body(peer, client)
            }
        }
    }
}

/// Cuts the client's bytes into frames.
private final class FrameReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: ScriptedPeer.Connection
    private let happenings: Happenings
    private let script: ScriptedPeer.Script
    private var buffer = ByteBuffer()
    private var sawPreface = false

    init(_ peer: ScriptedPeer.Connection, _ happenings: Happenings, _ script: @escaping ScriptedPeer.Script) {
        self.peer = peer
        self.happenings = happenings
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer.writeImmutableBuffer(unwrapInboundIn(data))
        if !sawPreface {
            guard buffer.readableBytes >= 24 else { return }
            buffer.moveReaderIndex(forwardBy: 24)
            sawPreface = true
        }
        while let frame = RawHTTP2.take(from: &buffer) {
            note(frame)
            let isAck = frame.type == RawHTTP2.Kind.settings && frame.flags & 1 != 0
            if !isAck { script(frame, peer) }
        }
    }

    private func note(_ frame: RawHTTP2.Frame) {
        switch frame.type {
        case RawHTTP2.Kind.headers: happenings.add("headers")
        case RawHTTP2.Kind.reset:
            happenings.add("reset \(frame.number(at: 0))")
            happenings.add("reset \(frame.number(at: 0)) of \(frame.stream)")
        case RawHTTP2.Kind.windowUpdate: happenings.add("window \(frame.stream)")
        case RawHTTP2.Kind.goAway: happenings.add("goaway \(frame.number(at: 4))")
        case RawHTTP2.Kind.ping: happenings.add(frame.flags & 1 != 0 ? "pong" : "ping")
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// A client for one test.
enum TestClient {
    static func with<R>(
        trusting certificates: TestCertificates, configure: (inout HTTPClientConfiguration) -> Void = { _ in },
        _ body: (HTTPClient) async throws -> R
    ) async throws -> R {
        try await with(
            .init(trust: .authorities(.file(certificates.authority.certificateFile))), configure: configure, body)
    }

    static func with<R>(
        _ tls: ClientTLSConfiguration, configure: (inout HTTPClientConfiguration) -> Void = { _ in },
        _ body: (HTTPClient) async throws -> R
    ) async throws -> R {
        var configuration = HTTPClientConfiguration(tls: tls)
        configure(&configuration)
        let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        return try await using(client, endedBy: { await $0.shutdown() }, body)
    }

    /// Status and body of a request.
    static func text(_ client: HTTPClient, _ request: ClientRequest) async throws -> String {
        let response = try await client.execute(request)
        return String(buffer: try await response.collect(upTo: 1 << 20))
    }

    /// How it failed; nil if it didn't.
    static func failure(_ work: () async throws -> some Any) async -> TransportError? {
        do {
            _ = try await work()
            return nil
        } catch {
            return error as? TransportError
        }
    }
}
