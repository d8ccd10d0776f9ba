/// What all readers of parts need: the bytes, the size of the string table, the limits.
struct PartContext {
    let message: UnsafeBufferPointer<UInt8>
    let stringCount: Int
    let limits: DecodeLimits

    /// A cursor over one part.
    @inline(__always)
    func cursor(_ extent: Extent) throws(PprofError) -> WireCursor {
        guard let cursor = WireCursor(message, extent.range) else { throw PprofError(.emptyInput, "no bytes") }
        return cursor
    }

    /// `value` as an index into the string table. Negative numbers are huge ones here.
    @inline(__always)
    func string(
        _ value: UInt64, at offset: Int, _ field: @autoclosure () -> String
    ) throws(PprofError) -> StringIndex {
        guard value < UInt64(stringCount) else {
            throw PprofError(
                .indexOutOfRange, at: offset, field: field(),
                "string index \(Int64(bitPattern: value)); the table has \(stringCount) entries")
        }
        return StringIndex(UInt32(truncatingIfNeeded: value))
    }
}
