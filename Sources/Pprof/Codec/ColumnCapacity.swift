// How much room the columns get before they are read. All of it is bounded by the message's size, which is limited.

extension SampleColumns {
    /// Room for `samples` samples that take `bytes` bytes on the wire, in at most `limit` bytes a column.
    mutating func reserveCapacity(samples: Int, bytes: Int, limit: Int) {
        stackStarts.reserveCapacity(samples &+ 1)
        labelStarts.reserveCapacity(samples &+ 1)
        values.reserveCapacity(min(samples &* valuesPerSample, bytes, limit / 8))
        // A location id takes a byte or more; what isn't used of the room is never touched.
        stacks.reserveCapacity(min(bytes, limit / 4))
    }
}

extension LocationColumns {
    /// Room for `count` locations, mostly of one line.
    mutating func reserveCapacity(_ count: Int) {
        ids.reserveCapacity(count)
        mappings.reserveCapacity(count)
        addresses.reserveCapacity(count)
        isFolded.reserveCapacity(count)
        lineStarts.reserveCapacity(count &+ 1)
        lines.reserveCapacity(count)
    }
}

extension FunctionColumns {
    /// Room for `count` functions.
    mutating func reserveCapacity(_ count: Int) {
        ids.reserveCapacity(count)
        names.reserveCapacity(count)
        systemNames.reserveCapacity(count)
        filenames.reserveCapacity(count)
        startLines.reserveCapacity(count)
    }
}
