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
    private var sizes: Histogram.Tally?
    private let now: @Sendable () -> Timestamp

    init(_ encoder: WatchEventEncoder, _ context: ResourceContext) {
        self.encoder = encoder
        shared = context.watchLines
        series = context.watchSeries
        sizes = series?.sizes.tally()
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
        if let series, let sizes, sizes.count > 0 {
            series.events.increment(by: sizes.count)
            series.sizes.observe(sizes)
            self.sizes?.removeAll()
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
        let (type, object) = event.change
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

    /// Adds a whole batch, encoded once for all watches that are told it in this form; whether it could.
    mutating func append(_ batch: WatchBatch) -> Bool {
        guard let form = encoder.sharedForm, let lines = batch.lines(form: form, { encoded(batch) }) else {
            return false
        }
        endPiece()
        pieces.append(lines.bytes)
        count += lines.bytes.readableBytes
        if let more = lines.sizes { sizes?.add(more) }
        return true
    }

    private func encoded(_ batch: WatchBatch) -> WatchBatch.Lines {
        var encoder = encoder
        var bytes: [UInt8] = []
        // Room for whole objects, and for the words around them.
        bytes.reserveCapacity(batch.events.reduce(0) { $0 + $1.change.object.json.count + 64 })
        var sizes = series?.sizes.tally()
        let now = now()
        for (type, object) in batch.events.lazy.map(\.change) {
            let start = bytes.count
            encoder.append(type, object, now: now, to: &bytes)
            sizes?.add(Double(bytes.count - start))
        }
        return WatchBatch.Lines(bytes: ByteBuffer(bytes: bytes), sizes: sizes)
    }

    /// Adds why the watch can't go on.
    mutating func append(_ failure: Status) {
        own { encoder, bytes, _ in encoder.appendError(failure, to: &bytes) }
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
        sizes?.add(Double(bytes))
    }

    private mutating func endPiece() {
        guard !bytes.isEmpty else { return }
        pieces.append(ByteBuffer(bytes: bytes))
        bytes.removeAll(keepingCapacity: true)
    }
}
