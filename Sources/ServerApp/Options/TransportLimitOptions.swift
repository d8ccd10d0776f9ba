public import ArgumentParser
internal import HTTPTransport

/// Timeouts, sizes and rates of connections.
public struct TransportLimitOptions: ParsableArguments {
    @Option(
        name: .customLong("http2-max-streams-per-connection"),
        help: ArgumentHelp("Requests at a time on one HTTP/2 connection.", valueName: "int"))
    var http2MaxStreamsPerConnection = "250"

    @Option(help: ArgumentHelp("Connections at a time; further ones are closed.", valueName: "int"))
    var maxConnections = "10000"

    @Option(help: ArgumentHelp("Bytes of a request's head; beyond it 431.", valueName: "bytes"))
    var maxHeaderBytes = "1048576"

    @Option(
        name: .customLong("http2-stream-window-bytes"),
        help: ArgumentHelp("Unread bytes of one HTTP/2 request body.", valueName: "bytes"))
    var http2StreamWindowBytes = "262144"

    @Option(
        name: .customLong("http2-connection-window-bytes"),
        help: ArgumentHelp(
            "Unread bytes of all HTTP/2 request bodies of a connection, at most streams times stream window.",
            valueName: "bytes"))
    var http2ConnectionWindowBytes = "33554432"

    @Option(
        name: .customLong("http2-max-frame-bytes"),
        help: ArgumentHelp("Bytes of an HTTP/2 frame that a client may send.", valueName: "bytes"))
    var http2MaxFrameBytes = "262144"

    @Option(
        help: ArgumentHelp(
            "Bytes of an answer that wait to be sent before no more of it is made.", valueName: "bytes"))
    var responseBufferBytes = "131072"

    @Option(help: ArgumentHelp("How long a TLS handshake may take.", valueName: "duration"))
    var tlsHandshakeTimeout = "10s"

    @Option(help: ArgumentHelp("How long a request's head may take to arrive.", valueName: "duration"))
    var readHeaderTimeout = "32s"

    @Option(help: ArgumentHelp("How long a request body may stand still.", valueName: "duration"))
    var readProgressTimeout = "30s"

    @Option(help: ArgumentHelp("How long a client may stop reading its answer.", valueName: "duration"))
    var writeProgressTimeout = "30s"

    @Option(help: ArgumentHelp("How long a connection may be idle.", valueName: "duration"))
    var idleTimeout = "90s"

    @Option(
        name: .customLong("http2-max-reset-burst"),
        help: ArgumentHelp(
            "RST_STREAM frames a connection may send at once; beyond it the connection is ended.", valueName: "int"))
    var http2MaxResetBurst = "10000"

    @Option(
        name: .customLong("http2-max-resets-per-second"),
        help: ArgumentHelp(
            "RST_STREAM frames a connection may send in a second, after --http2-max-reset-burst.", valueName: "int"))
    var http2MaxResetsPerSecond = "1000"

    @Option(
        name: .customLong("http2-max-control-frame-burst"),
        help: ArgumentHelp(
            "PING, SETTINGS, PRIORITY, empty DATA and the like a connection may send at once; beyond it the connection is ended.",
            valueName: "int"))
    var http2MaxControlFrameBurst = "1000"

    @Option(
        name: .customLong("http2-max-control-frames-per-second"),
        help: ArgumentHelp(
            "The same in a second, after --http2-max-control-frame-burst.", valueName: "int"))
    var http2MaxControlFramesPerSecond = "100"

    /// The defaults, or what the command line says.
    public init() {}

    func complete(_ faults: inout Faults) -> ServerLimits {
        let time = Duration.milliseconds(10)...Duration.seconds(86_400)
        var limits = ServerLimits()
        limits.concurrentStreams = faults.integer(
            "--http2-max-streams-per-connection", http2MaxStreamsPerConnection, in: 1...100_000)
        limits.connections = faults.integer("--max-connections", maxConnections, in: 1...1_000_000)
        limits.headerListBytes = faults.integer("--max-header-bytes", maxHeaderBytes, in: 4096...(16 << 20))
        limits.streamWindowBytes = faults.integer(
            "--http2-stream-window-bytes", http2StreamWindowBytes, in: 65_535...(1 << 30))
        limits.connectionWindowBytes = faults.integer(
            "--http2-connection-window-bytes", http2ConnectionWindowBytes, in: 65_535...(1 << 30))
        limits.frameBytes = faults.integer("--http2-max-frame-bytes", http2MaxFrameBytes, in: 16_384...16_777_215)
        limits.responseBufferBytes = faults.integer(
            "--response-buffer-bytes", responseBufferBytes, in: 16_384...(64 << 20))
        limits.handshakeTimeout = faults.duration("--tls-handshake-timeout", tlsHandshakeTimeout, in: time)
        limits.headerTimeout = faults.duration("--read-header-timeout", readHeaderTimeout, in: time)
        limits.bodyProgressTimeout = faults.duration("--read-progress-timeout", readProgressTimeout, in: time)
        limits.writeProgressTimeout = faults.duration("--write-progress-timeout", writeProgressTimeout, in: time)
        limits.idleTimeout = faults.duration("--idle-timeout", idleTimeout, in: time)
        limits.resetBurst = faults.integer("--http2-max-reset-burst", http2MaxResetBurst, in: 1...1_000_000)
        limits.resetsPerSecond = faults.integer(
            "--http2-max-resets-per-second", http2MaxResetsPerSecond, in: 1...1_000_000)
        limits.controlFrameBurst = faults.integer(
            "--http2-max-control-frame-burst", http2MaxControlFrameBurst, in: 1...1_000_000)
        limits.controlFramesPerSecond = faults.integer(
            "--http2-max-control-frames-per-second", http2MaxControlFramesPerSecond, in: 1...1_000_000)
        return limits
    }
}
