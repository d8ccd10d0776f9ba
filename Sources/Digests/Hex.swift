/// Lower-case hexadecimal digits, two for each byte.
public func hex(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { out in
        for (at, byte) in bytes.enumerated() {
            out[at * 2] = digit(byte >> 4)
            out[at * 2 + 1] = digit(byte & 15)
        }
        return bytes.count * 2
    }
}

private func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &+ nibble &- 10
}
