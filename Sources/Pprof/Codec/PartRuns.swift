/// Where the parts of one field lie: in runs, one part after the other, as producers write them.
struct PartRuns {
    /// The runs, tags and lengths included.
    fileprivate var extents: [Extent] = []
    /// Number of parts.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Bytes of all parts with their tags and lengths.
    var byteCount: Int { extents.reduce(0) { $0 &+ Int($1.length) } }

    /// Takes in the part whose tag was read at `start` and those of the same tag that follow it.
    ///
    /// - Throws: `limitExceeded` with the place of the first part above `limit`, `truncated`, and what `check` throws of a part
    ///   that begins at a place.
    @inline(__always)
    mutating func add(
        _ tag: WireTag, at start: Int, _ cursor: inout WireCursor, limit: Int,
        check: (WireCursor, Int) throws(PprofError) -> Void
    ) throws(PprofError) {
        guard tag.type == .length else { throw tag.wrongType(at: start) }
        let raw = WireTag.raw(tag.number, .length)
        var local = cursor
        var place = start
        repeat {
            guard count < limit else {
                throw PprofError(.limitExceeded, at: place, "more than \(limit) of them, which is the limit")
            }
            count &+= 1
            try check(try local.nested(), place)
            place = local.offset
        } while local.skipTag(raw)
        extents.append(Extent(start: start, length: place &- start))
        cursor = local
    }
}

/// Goes through the parts of one field in their order.
struct PartWalk {
    private let context: PartContext
    private let runs: [Extent]
    private var nextRun = 0
    private var run: WireCursor?

    init(_ runs: PartRuns, _ context: PartContext) {
        self.context = context
        self.runs = runs.extents
    }

    /// The next part's content; nil after the last one.
    @inline(__always)
    mutating func next() throws(PprofError) -> WireCursor? {
        while true {
            if var run, run.hasMore {
                // The tag, which the first pass has looked at.
                _ = try run.varint()
                let part = try run.nested()
                self.run = run
                return part
            }
            guard nextRun < runs.count else { return nil }
            run = try context.cursor(runs[nextRun])
            nextRun &+= 1
        }
    }

    /// Where the content of part number `index` begins; nil if there is no such part.
    func start(of index: Int) -> Int? {
        var walk = self
        for _ in 0..<index where (try? walk.next()) == nil { return nil }
        return (try? walk.next())?.offset
    }
}
