internal import CDeflate

/// gzip (RFC 1952) by libdeflate, whole buffers only.
public enum Gzip {
    /// Whether the bytes begin as gzip does: `1f 8b`.
    public static func isGzip(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
    }

    /// One gzip member with `bytes`, without name and time: the same input gives the same output.
    ///
    /// - Parameter level: 0 (stored) to 12 (smallest); others are clamped. 6 is what Go and gzip take, 1 what Go's runtime writes profiles with.
    /// - Throws: `outOfMemory` only.
    public static func compress(_ bytes: [UInt8], level: Int = 6) throws(PprofError) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(Int32(min(max(level, 0), 12))) else {
            throw PprofError(.outOfMemory, "no memory for a deflate compressor of level \(level)")
        }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, bytes.count)
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = bytes.withUnsafeBytes { input in
                // An empty array's base address may be nil, which libdeflate takes with a length of 0.
                libdeflate_gzip_compress(compressor, input.baseAddress, input.count, output.baseAddress, bound)
            }
        }
        guard !packed.isEmpty else {
            throw PprofError(.outOfMemory, "libdeflate did not fit \(bytes.count) bytes into its own bound of \(bound)")
        }
        return packed
    }

    /// The content of all members of a gzip file, one after the other.
    ///
    /// Never takes more memory for the output than `limit` bytes, whatever the length field (ISIZE) of the file claims.
    /// CRC-32 and length of each member are checked, and bytes after the last member are refused.
    ///
    /// - Throws: `badGzip` with the offset into `bytes`; `unpackedTooLarge`; `outOfMemory`.
    public static func inflate(_ bytes: [UInt8], limit: Int) throws(PprofError) -> [UInt8] {
        var inflater = try GzipInflater(limit: limit)
        return try inflater.inflate(bytes)
    }
}
