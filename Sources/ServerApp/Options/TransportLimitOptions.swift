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
        name: .customLong("http2-max-resets-per-second"),
        help: ArgumentHelp(
            "RST_STREAM frames a connection may send in a second, after a first 10000.", valueName: "int"))
    var http2MaxResetsPerSecond = "1000"

    @Option(
        name: .customLong("http2-max-control-frames-per-second"),
        help: ArgumentHelp(
            "PING, SETTINGS and the like a connection may send in a second, after a first 1000.", valueName: "int"))
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
        limits.handshakeTimeout = faults.duration("--tls-handshake-timeout", tlsHandshakeTimeout, in: time)
        limits.headerTimeout = faults.duration("--read-header-timeout", readHeaderTimeout, in: time)
        limits.bodyProgressTimeout = faults.duration("--read-progress-timeout", readProgressTimeout, in: time)
        limits.writeProgressTimeout = faults.duration("--write-progress-timeout", writeProgressTimeout, in: time)
        limits.idleTimeout = faults.duration("--idle-timeout", idleTimeout, in: time)
        limits.resetsPerSecond = faults.integer(
            "--http2-max-resets-per-second", http2MaxResetsPerSecond, in: 1...1_000_000)
        limits.controlFramesPerSecond = faults.integer(
            "--http2-max-control-frames-per-second", http2MaxControlFramesPerSecond, in: 1...1_000_000)
        return limits
    }
}
