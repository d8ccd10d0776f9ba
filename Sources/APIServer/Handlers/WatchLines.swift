internal import APIMachinery
internal import NIOCore

/// The lines of a watch that are encoded but not yet written.
struct WatchLines: Sendable {
    private var encoder: WatchEventEncoder
    private var bytes: [UInt8] = []
    private let chunkBytes: Int
    private let series: WatchMetrics.Series?
    /// The sizes of the events that are not yet counted.
    private var sizes: [Double] = []
    private let now: @Sendable () -> Timestamp

    init(_ encoder: WatchEventEncoder, _ configuration: HandlerConfiguration, _ series: WatchMetrics.Series? = nil) {
        self.encoder = encoder
        self.series = series
        chunkBytes = configuration.chunkBytes
        now = configuration.now
    }

    var isEmpty: Bool { bytes.isEmpty }
    /// Whether it is time to write.
    var isFull: Bool { bytes.count >= chunkBytes }

    /// What has gathered since the last time.
    mutating func take() -> ByteBuffer {
        if let series, !sizes.isEmpty {
            series.events.increment(by: UInt64(sizes.count))
            series.sizes.observe(sizes)
            sizes.removeAll(keepingCapacity: true)
        }
        defer { bytes.removeAll(keepingCapacity: true) }
        return ByteBuffer(bytes: bytes)
    }

    mutating func append(_ event: WatchEvent) {
        let start = bytes.count
        defer { if series != nil, bytes.count > start { sizes.append(Double(bytes.count - start)) } }
        switch event {
        case .added(let object): encoder.append(.added, object, now: now(), to: &bytes)
        case .modified(let object): encoder.append(.modified, object, now: now(), to: &bytes)
        case .deleted(let object): encoder.append(.deleted, object, now: now(), to: &bytes)
        case .progress: break
        case .failed(let status): encoder.appendError(status, to: &bytes)
        }
    }

    mutating func appendBookmark(_ version: ResourceVersion, endsInitialEvents: Bool = false) {
        let start = bytes.count
        defer { if series != nil { sizes.append(Double(bytes.count - start)) } }
        encoder.appendBookmark(version, endsInitialEvents: endsInitialEvents, to: &bytes)
    }
}
