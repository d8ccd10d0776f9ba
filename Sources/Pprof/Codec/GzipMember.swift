internal import CDeflate

/// Header and trailer of one gzip member (RFC 1952 §2.3).
enum GzipMember {
    /// Header without options, an empty deflate stream, trailer.
    static let smallestSize = 20
    /// CRC-32 and ISIZE.
    static let trailerSize = 8

    private static let headerSize = 10
    private static let deflateMethod: UInt8 = 8

    private struct Flags {
        static let headerCRC: UInt8 = 0x02
        static let extra: UInt8 = 0x04
        static let name: UInt8 = 0x08
        static let comment: UInt8 = 0x10
        static let reserved: UInt8 = 0xe0
    }

    /// Reads four bytes; the caller has checked that they are there.
    static func littleEndian32(_ input: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Where the deflate stream of the member at `start` begins.
    static func deflateStart(_ input: UnsafeRawBufferPointer, memberAt start: Int) -> Result<Int, PprofError> {
        guard input.count - start < 2 || (input[start] == 0x1f && input[start + 1] == 0x8b) else {
            let message =
                "the gzip member ends here, and the \(input.count - start) bytes after it are no further member"
            return .failure(PprofError(.badGzip, at: start, message))
        }
        guard input.count - start >= headerSize + trailerSize else {
            return .failure(cutOff(input, start))
        }
        guard input[start + 2] == deflateMethod else {
            return .failure(
                PprofError(.badGzip, at: start + 2, "compression method \(input[start + 2]); only 8 (deflate) exists"))
        }
        let flags = input[start + 3]
        guard flags & Flags.reserved == 0 else {
            return .failure(PprofError(.badGzip, at: start + 3, "reserved header flags are set: \(flags)"))
        }
        return skipOptions(input, start, flags)
    }

    private static func skipOptions(_ input: UnsafeRawBufferPointer, _ start: Int, _ flags: UInt8) -> Result<
        Int, PprofError
    > {
        var offset = start + headerSize
        if flags & Flags.extra != 0 {
            guard input.count - offset >= 2 else { return .failure(cutOff(input, start)) }
            offset += 2 + Int(input[offset]) + Int(input[offset + 1]) << 8
        }
        for flag in [Flags.name, Flags.comment] where flags & flag != 0 {
            while offset < input.count, input[offset] != 0 { offset += 1 }
            offset += 1
        }
        if flags & Flags.headerCRC != 0 {
            guard input.count - offset >= 2 else { return .failure(cutOff(input, start)) }
            let header = libdeflate_crc32(0, input.baseAddress?.advanced(by: start), offset - start) & 0xffff
            guard header == UInt32(input[offset]) | UInt32(input[offset + 1]) << 8 else {
                return .failure(PprofError(.badGzip, at: offset, "the header's checksum is wrong"))
            }
            offset += 2
        }
        guard input.count - offset >= trailerSize else { return .failure(cutOff(input, start)) }
        return .success(offset)
    }

    private static func cutOff(_ input: UnsafeRawBufferPointer, _ start: Int) -> PprofError {
        PprofError(.badGzip, at: input.count, "the gzip member that begins at byte \(start) is cut off in its header")
    }

    /// Compares CRC-32 and length of the content with the trailer at `offset`; nil if they agree.
    static func checkTrailer(
        _ input: UnsafeRawBufferPointer, at offset: Int, content: UnsafeRawBufferPointer
    ) -> PprofError? {
        guard input.count - offset >= trailerSize else {
            return PprofError(.badGzip, at: input.count, "gzip is cut off in its trailer")
        }
        let crc = libdeflate_crc32(0, content.baseAddress, content.count)
        guard crc == littleEndian32(input, at: offset) else {
            return PprofError(
                .badGzip, at: offset,
                "CRC-32 of the content is \(crc), the trailer says \(littleEndian32(input, at: offset))")
        }
        let length = UInt32(truncatingIfNeeded: content.count)
        guard length == littleEndian32(input, at: offset + 4) else {
            return PprofError(
                .badGzip, at: offset + 4,
                "the content has \(content.count) bytes, the trailer says \(littleEndian32(input, at: offset + 4))")
        }
        return nil
    }
}
