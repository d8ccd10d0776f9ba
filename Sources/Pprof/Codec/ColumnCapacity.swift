// How much room the columns get before they are read. All of it is bounded by the message's size, which is limited.

extension SampleColumns {
    /// Room for `samples` samples that take `bytes` bytes on the wire.
    mutating func reserveCapacity(samples: Int, bytes: Int) {
        stackStarts.reserveCapacity(samples &+ 1)
        labelStarts.reserveCapacity(samples &+ 1)
        values.reserveCapacity(min(samples &* valuesPerSample, bytes))
        // A location id takes a byte or more; what isn't used of the room is never touched.
        stacks.reserveCapacity(bytes)
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
