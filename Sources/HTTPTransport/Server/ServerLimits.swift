/// Every limit of a server, with its default. A limit that is reached has a named consequence, never a trap.
public struct ServerLimits: Sendable {
    /// Connections at a time; the next one is accepted and closed at once. Default 10,000.
    public var connections = 10_000
    /// Time for the TLS handshake, or for the first byte without TLS; then the connection is closed. Default 10 s.
    public var handshakeTimeout = Duration.seconds(10)
    /// Time from the first to the last byte of a request's head; then 408 (HTTP/1) or GOAWAY. Default 32 s.
    public var headerTimeout = Duration.seconds(32)
    /// A connection without a request in progress is closed (HTTP/2: with GOAWAY) after this. Default 90 s.
    public var idleTimeout = Duration.seconds(90)
    /// A request body that a handler waits for must make progress within this, else the read throws `.timedOut` and the
    /// stream is reset. Default 30 s.
    public var bodyProgressTimeout = Duration.seconds(30)
    /// Bytes to send must make progress within this, else the connection is closed: the peer has stopped reading. A single
    /// HTTP/2 stream whose window stays shut that long is reset. Default 30 s.
    public var writeProgressTimeout = Duration.seconds(30)

    /// Bytes of a request's head: names and values + 32 each (RFC 9113 §10.5.1), or the lines of HTTP/1; beyond it 431.
    /// Default 1 MiB, as `http.Server.MaxHeaderBytes` of kube-apiserver.
    public var headerListBytes = 1 << 20
    /// Bytes of a response's body that wait to be sent before `write` suspends. Default 128 KiB.
    public var responseBufferBytes = 128 << 10

    /// HTTP/2 streams at a time and per connection (SETTINGS_MAX_CONCURRENT_STREAMS), and handlers at work per connection:
    /// beyond it REFUSED_STREAM. Default 250: watches hold streams for long, and a lower limit spreads better.
    public var concurrentStreams = 250
    /// SETTINGS_INITIAL_WINDOW_SIZE: unread bytes of a request body per stream. Default 256 KiB.
    public var streamWindowBytes = 256 << 10
    /// Unread bytes of request bodies per connection; the window is streams × stream window, capped by this. Default 32 MiB.
    public var connectionWindowBytes = 32 << 20
    /// SETTINGS_MAX_FRAME_SIZE. Default 256 KiB, so that a header list of 1 MiB needs few CONTINUATIONs.
    public var frameBytes = 256 << 10

    /// RST_STREAMs a connection may send at once, beyond ``resetsPerSecond``; then GOAWAY ENHANCE_YOUR_CALM. Default 10,000.
    public var resetBurst = 10_000
    /// Default 1,000: a client that opens and cancels watches stays below it, a rapid reset (CVE-2023-44487) does not.
    public var resetsPerSecond = 1_000
    /// PING, SETTINGS, PRIORITY, WINDOW_UPDATE on streams that aren't open, and empty DATA frames at once, beyond
    /// ``controlFramesPerSecond``; then GOAWAY ENHANCE_YOUR_CALM. Default 1,000.
    public var controlFrameBurst = 1_000
    /// Default 100.
    public var controlFramesPerSecond = 100

    /// All defaults.
    public init() {}

    /// What is wrong with the values, one line per fault; empty if nothing is.
    public func faults() -> [String] {
        let counts: [(String, Int, ClosedRange<Int>)] = [
            ("connections", connections, 1...1_000_000),
            ("headerListBytes", headerListBytes, 4096...(16 << 20)),
            ("responseBufferBytes", responseBufferBytes, 16_384...(64 << 20)),
            ("concurrentStreams", concurrentStreams, 1...100_000),
            ("streamWindowBytes", streamWindowBytes, 65_535...(1 << 30)),
            ("connectionWindowBytes", connectionWindowBytes, 65_535...(1 << 30)),
            ("frameBytes", frameBytes, 16_384...16_777_215),
            ("resetBurst", resetBurst, 1...1_000_000), ("resetsPerSecond", resetsPerSecond, 1...1_000_000),
            ("controlFrameBurst", controlFrameBurst, 1...1_000_000),
            ("controlFramesPerSecond", controlFramesPerSecond, 1...1_000_000),
        ]
        let times = [
            ("handshakeTimeout", handshakeTimeout), ("headerTimeout", headerTimeout), ("idleTimeout", idleTimeout),
            ("bodyProgressTimeout", bodyProgressTimeout), ("writeProgressTimeout", writeProgressTimeout),
        ]
        return counts.filter { !$0.2.contains($0.1) }
            .map { "\($0.0) is \($0.1), must be \($0.2.lowerBound) to \($0.2.upperBound)" }
            + times.filter { $0.1 < .milliseconds(1) || $0.1 > .seconds(86_400) }
            .map { "\($0.0) is \($0.1), must be 1 ms to 24 h" }
    }
}
