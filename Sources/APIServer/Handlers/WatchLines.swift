internal import APIMachinery
internal import NIOCore

/// The lines of a watch that are encoded but not yet written: those of changes shared with other watches, the others its own.
struct WatchLines: Sendable {
    private var encoder: WatchEventEncoder
    private let shared: SharedWatchLines
    private var pieces: [ByteBuffer] = []
    /// Lines of its own behind the last piece.
    private var bytes: [UInt8] = []
    private var count = 0
    private let chunkBytes: Int
    private let series: WatchMetrics.Series?
    /// The sizes of the events that are not yet counted.
    private var sizes: [Double] = []
    private let now: @Sendable () -> Timestamp

    init(_ encoder: WatchEventEncoder, _ context: ResourceContext) {
        self.encoder = encoder
        shared = context.watchLines
        series = context.watchSeries
        chunkBytes = context.configuration.chunkBytes
        now = context.configuration.now
    }

    /// What is needed of objects that were there before the watch began.
    var parts: EncodedObject.Parts { encoder.parts }
    var isEmpty: Bool { count == 0 }
    /// Whether it is time to write.
    var isFull: Bool { count >= chunkBytes }

    /// What has gathered since the last time.
    mutating func take() -> [ByteBuffer] {
        if let series, !sizes.isEmpty {
            series.events.increment(by: UInt64(sizes.count))
            series.sizes.observe(sizes)
            sizes.removeAll(keepingCapacity: true)
        }
        endPiece()
        defer {
            pieces.removeAll(keepingCapacity: true)
            count = 0
        }
        return pieces
    }

    /// Adds an object that was there before the watch began.
    mutating func appendPresent(_ object: EncodedObject) {
        own { encoder, bytes, now in encoder.append(.added, object, now: now, to: &bytes) }
    }

    /// Adds what has changed since.
    mutating func append(_ event: WatchEvent) {
        switch event {
        case .added(let object): append(.added, object)
        case .modified(let object): append(.modified, object)
        case .deleted(let object): append(.deleted, object)
        case .progress: break
        case .failed(let status): own { encoder, bytes, _ in encoder.appendError(status, to: &bytes) }
        }
    }

    private mutating func append(_ type: WatchEventEncoder.EventType, _ object: EncodedObject) {
        guard let form = encoder.sharedForm else {
            return own { encoder, bytes, now in encoder.append(type, object, now: now, to: &bytes) }
        }
        endPiece()
        let line = shared.line(type, object.resourceVersion, form: form) { [now] bytes in
            encoder.append(type, object, now: now(), to: &bytes)
        }
        pieces.append(line)
        added(line.readableBytes)
    }

    mutating func appendBookmark(_ version: ResourceVersion, endsInitialEvents: Bool = false) {
        own { encoder, bytes, _ in
            encoder.appendBookmark(version, endsInitialEvents: endsInitialEvents, to: &bytes)
        }
    }

    private mutating func own(_ encode: (inout WatchEventEncoder, inout [UInt8], Timestamp) -> Void) {
        let start = bytes.count
        encode(&encoder, &bytes, now())
        added(bytes.count - start)
    }

    private mutating func added(_ bytes: Int) {
        count += bytes
        if series != nil { sizes.append(Double(bytes)) }
    }

    private mutating func endPiece() {
        guard !bytes.isEmpty else { return }
        pieces.append(ByteBuffer(bytes: bytes))
        bytes.removeAll(keepingCapacity: true)
    }
}
