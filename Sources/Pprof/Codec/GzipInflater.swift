internal import CDeflate

/// Undoes gzip into one buffer that never exceeds a limit.
///
/// libdeflate inflates whole members and can't go on where the output ended, so the size is guessed from the file's last
/// length field (exact for one honest member) and the guess is doubled where it was too small: at most twice the work.
struct GzipInflater: ~Copyable {
    private let decompressor: OpaquePointer
    private let limit: Int

    /// DEFLATE can't do better than 1032:1 (a match of 258 bytes in 2 bits), so a claim above that is a lie.
    private static let highestRatio = 1032

    init(limit: Int) throws(PprofError) {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            throw PprofError(.outOfMemory, "no memory for a deflate decompressor")
        }
        self.decompressor = decompressor
        self.limit = max(limit, 0)
    }

    deinit { libdeflate_free_decompressor(decompressor) }

    /// Each member costs a call even if it is empty; bgzip makes one per 64 KiB.
    private static let mostMembers = 16384

    /// What became of one try with a given capacity.
    private enum Outcome {
        case done
        case needsMoreSpace
        case failed(PprofError)
    }

    mutating func inflate(_ bytes: [UInt8]) throws(PprofError) -> [UInt8] {
        var capacity = try firstCapacity(bytes)
        while true {
            var outcome = Outcome.done
            let output = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
                bytes.withUnsafeBytes { input in
                    outcome = inflateMembers(input, UnsafeMutableRawBufferPointer(output), &count)
                }
            }
            switch outcome {
            case .done: return output
            case .failed(let error): throw error
            case .needsMoreSpace:
                guard capacity < limit else {
                    throw PprofError(
                        .unpackedTooLarge,
                        "the \(bytes.count) bytes of gzip inflate to more than the limit of \(limit) bytes")
                }
                capacity = capacity > limit / 2 ? limit : capacity * 2
            }
        }
    }

    private func firstCapacity(_ bytes: [UInt8]) throws(PprofError) -> Int {
        guard bytes.count >= GzipMember.smallestSize else {
            throw PprofError(
                .badGzip, at: bytes.count,
                "gzip ends after \(bytes.count) bytes; the smallest gzip file has \(GzipMember.smallestSize)")
        }
        let claim = bytes.withUnsafeBytes { Int(GzipMember.littleEndian32($0, at: $0.count - 4)) }
        // The field is believed only where it can be true: of a file that was cut off it is any four bytes.
        let (highest, overflow) = bytes.count.multipliedReportingOverflow(by: Self.highestRatio)
        let isPlausible = claim >= bytes.count / 2 && claim <= limit && (overflow || claim <= highest)
        let guess = bytes.count.multipliedReportingOverflow(by: 4)
        return min(max(isPlausible ? claim : guess.overflow ? limit : guess.partialValue, 64), limit)
    }

    private func inflateMembers(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ produced: inout Int
    ) -> Outcome {
        var consumed = 0
        var members = 0
        repeat {
            members += 1
            guard members <= Self.mostMembers else {
                return .failed(PprofError(.badGzip, at: consumed, "more than \(Self.mostMembers) gzip members"))
            }
            let start: Int
            switch GzipMember.deflateStart(input, memberAt: consumed) {
            case .success(let offset): start = offset
            case .failure(let error): return .failed(error)
            }
            var read = 0
            var written = 0
            // Both buffers outlive the call; the library keeps neither.
            let result = libdeflate_deflate_decompress_ex(
                decompressor, input.baseAddress?.advanced(by: start), input.count - start,
                output.baseAddress?.advanced(by: produced), output.count - produced, &read, &written)
            switch result {
            case LIBDEFLATE_SUCCESS: break
            case LIBDEFLATE_INSUFFICIENT_SPACE: return .needsMoreSpace
            default:
                return .failed(PprofError(.badGzip, at: start, "the deflate stream is damaged or cut off"))
            }
            let content = UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(output)[produced..<produced + written])
            if let error = GzipMember.checkTrailer(input, at: start + read, content: content) { return .failed(error) }
            produced += written
            consumed = start + read + GzipMember.trailerSize
        } while consumed < input.count
        return .done
    }
}
