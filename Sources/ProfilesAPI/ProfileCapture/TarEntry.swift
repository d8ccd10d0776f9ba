/// The header of a regular file in a tar archive (POSIX.1-1988 "ustar"), and what stands around the files.
struct TarEntry: Sendable, Equatable {
    /// At most 100 bytes; what is longer is cut.
    let name: String
    /// At most 8 GiB less one, as 11 octal digits say.
    let size: Int
    /// Seconds since 1970.
    let time: Int64

    /// Headers and files are multiples of it.
    static let block = 512
    /// What ends an archive.
    static let end = [UInt8](repeating: 0, count: 2 * block)

    /// The zeros behind the file.
    var padding: Int { (Self.block - size % Self.block) % Self.block }

    /// The entry's bytes in the archive, header and padding included.
    var length: Int { Self.block + size + padding }

    /// The block before the file.
    var header: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.block)
        Self.put(Array(name.utf8.prefix(100)), at: 0, &bytes)
        Self.put(Self.octal(0o644, digits: 7), at: 100, &bytes)
        Self.put(Self.octal(0, digits: 7), at: 108, &bytes)
        Self.put(Self.octal(0, digits: 7), at: 116, &bytes)
        Self.put(Self.octal(Int64(size), digits: 11), at: 124, &bytes)
        Self.put(Self.octal(max(0, time), digits: 11), at: 136, &bytes)
        // The sum is taken with blanks in its own place.
        Self.put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148, &bytes)
        bytes[156] = UInt8(ascii: "0")
        Self.put(Array("ustar\u{0}00".utf8), at: 257, &bytes)
        let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
        Self.put(Self.octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148, &bytes)
        return bytes
    }

    private static func put(_ field: [UInt8], at place: Int, _ bytes: inout [UInt8]) {
        bytes.replaceSubrange(place..<(place + field.count), with: field)
    }

    /// The last `digits` octal digits of a number.
    private static func octal(_ value: Int64, digits: Int) -> [UInt8] {
        (0..<digits).reversed().map { UInt8(ascii: "0") + UInt8(truncatingIfNeeded: (value >> (3 * $0)) & 7) }
    }
}
