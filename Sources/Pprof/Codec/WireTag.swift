/// What stands before each protobuf field.
struct WireTag {
    let number: UInt64
    let type: WireType

    /// The tag `raw` that was read at `start`.
    ///
    /// - Throws: `badTag` for a number or a type that doesn't exist.
    @inline(__always)
    init(_ raw: UInt64, at start: Int) throws(PprofError) {
        guard let type = WireType(rawValue: UInt8(truncatingIfNeeded: raw & 7)), raw >= 8, raw <= UInt64(UInt32.max)
        else {
            throw Self.fault(raw, at: start)
        }
        number = raw &>> 3
        self.type = type
    }

    /// A tag as it is on the wire.
    @inline(__always)
    static func raw(_ number: UInt64, _ type: WireType) -> UInt64 { number &<< 3 | UInt64(type.rawValue) }

    private static func fault(_ raw: UInt64, at start: Int) -> PprofError {
        let number = raw >> 3
        guard raw >= 8, raw <= UInt64(UInt32.max) else {
            return PprofError(
                .badTag, at: start, "field number \(number); the lowest is 1, the highest \(UInt32.max >> 3)")
        }
        let fault = raw & 7 == 3 || raw & 7 == 4 ? "is a group" : "has wire type \(raw & 7), which doesn't exist"
        return PprofError(.badTag, at: start, "field number \(number) \(fault)")
    }

    /// The error of a known field in a wire type that it can't have.
    func wrongType(at offset: Int) -> PprofError {
        PprofError(.badWireType, at: offset, "field number \(number) comes in wire type \(type.rawValue)")
    }
}
