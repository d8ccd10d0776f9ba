internal import APIMachinery

/// Events as runs of bytes, in blocks of many.
///
/// An event lies in memory as a dozen small pieces, made between the large buffers of the work that led to it. Thousands of
/// such pieces, kept long after that work, keep nearly every page around them from being given back to the system. In a block
/// they take what they are long, and a block goes as a whole.
struct EventBlocks {
    /// Where an event is.
    struct Place {
        fileprivate let block: Int
        fileprivate let range: Range<Int>

        /// Bytes of the packed event.
        var count: Int { range.count }
    }

    /// Below what glibc maps by itself: a block that goes leaves room for the next.
    private static let blockBytes = 256 << 10

    private var blocks: [[UInt8]] = []
    /// The number of the oldest block.
    private var first = 0

    /// Appends an event, to a new block if there is no room for it in the last.
    mutating func append(_ event: StoreEvent) -> Place {
        let count = event.packedCount
        if blocks.last.map({ $0.capacity - $0.count < count }) ?? true {
            var block: [UInt8] = []
            block.reserveCapacity(max(Self.blockBytes, count))
            blocks.append(block)
        }
        let last = blocks.count - 1
        let start = blocks[last].count
        var writer = PackedWriter()
        // Exchanged and not copied: the bytes have one owner at a time, and grow in place.
        swap(&writer.bytes, &blocks[last])
        writer.event(event)
        swap(&writer.bytes, &blocks[last])
        return Place(block: first + last, range: start..<blocks[last].count)
    }

    /// The event at a place; nil if its block is gone.
    func event(at place: Place) -> StoreEvent? {
        guard blocks.indices.contains(place.block - first) else { return nil }
        let bytes = blocks[place.block - first]
        var reader = PackedReader(rest: bytes[place.range.clamped(to: bytes.indices)])
        return reader.event()
    }

    /// Drops the blocks before the one of `oldest`; nil keeps only the last, which the next event goes to.
    mutating func keep(from oldest: Place?) {
        let count = (oldest?.block ?? first + blocks.count - 1) - first
        guard count > 0 else { return }
        blocks.removeFirst(min(count, blocks.count))
        first += count
    }
}

extension StoreEvent {
    /// Bytes of the packed event.
    fileprivate var packedCount: Int { 2 + object.packedCount + (previous?.packedCount ?? 0) }
}

extension StoredObject {
    /// Bytes of the packed object: four numbers and eight runs with their lengths.
    fileprivate var packedCount: Int {
        12 * PackedWriter.numberBytes + resource.utf8.count + key.namespace.utf8.count + key.name.utf8.count
            + uid.utf8.count + object.json.count + object.cells.count + packedLabels.bytes.count
            + packedFields.bytes.count
    }
}

/// Writes numbers in eight bytes, texts and bytes behind their length.
private struct PackedWriter {
    static let numberBytes = 8

    var bytes: [UInt8] = []

    mutating func event(_ event: StoreEvent) {
        switch event.type {
        case .added: bytes.append(0)
        case .modified: bytes.append(1)
        case .deleted: bytes.append(2)
        }
        object(event.object)
        bytes.append(event.previous == nil ? 0 : 1)
        if let previous = event.previous { object(previous) }
    }

    private mutating func object(_ stored: StoredObject) {
        let object = stored.object
        text(stored.resource)
        text(stored.key.namespace)
        text(stored.key.name)
        text(stored.uid)
        number(object.resourceVersion.rawValue)
        number(UInt64(bitPattern: object.createdAt))
        number(UInt64(object.metadata.lowerBound))
        number(UInt64(object.metadata.upperBound))
        run(object.json)
        run(object.cells)
        run(stored.packedLabels.bytes)
        run(stored.packedFields.bytes)
    }

    private mutating func number(_ number: UInt64) {
        withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
    }

    private mutating func text(_ text: String) {
        number(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func run(_ run: [UInt8]) {
        number(UInt64(run.count))
        bytes.append(contentsOf: run)
    }
}

/// Reads what ``PackedWriter`` wrote; nil for anything else.
private struct PackedReader {
    var rest: ArraySlice<UInt8>

    mutating func event() -> StoreEvent? {
        let types: [StoreEvent.Kind] = [.added, .modified, .deleted]
        guard let type = rest.popFirst(), types.indices.contains(Int(type)), let object = object(),
            let hasPrevious = rest.popFirst()
        else { return nil }
        var previous: StoredObject?
        if hasPrevious == 1 {
            guard let before = self.object() else { return nil }
            previous = before
        }
        return StoreEvent(type: types[Int(type)], object: object, previous: previous)
    }

    private mutating func object() -> StoredObject? {
        guard let resource = text(), let namespace = text(), let name = text(), let uid = text(),
            let version = number(), let created = number(), let start = number(), let end = number(), start <= end,
            let lower = Int(exactly: start), let upper = Int(exactly: end), let json = run(), let cells = run(),
            let labels = run(), let fields = run()
        else { return nil }
        let object = EncodedObject(
            json: json, metadata: lower..<upper, cells: cells, createdAt: Int64(bitPattern: created),
            resourceVersion: ResourceVersion(version))
        return StoredObject(
            resource: resource, key: ObjectKey(namespace: namespace, name: name), uid: uid,
            labels: PackedPairs(bytes: labels), fields: PackedPairs(bytes: fields), object: object)
    }

    private mutating func number() -> UInt64? {
        guard rest.count >= PackedWriter.numberBytes else { return nil }
        let number = rest.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        rest = rest.dropFirst(PackedWriter.numberBytes)
        return number
    }

    private mutating func slice() -> ArraySlice<UInt8>? {
        guard let length = number(), length <= UInt64(rest.count) else { return nil }
        let count = Int(length)
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func run() -> [UInt8]? { slice().map { Array($0) } }

    private mutating func text() -> String? { slice().map { String(decoding: $0, as: UTF8.self) } }
}
