/// Reads `profile.proto` out of gzip or plain bytes and checks every index.
///
/// Accepted: the message as such or in gzip (more members too); repeated integers packed or not; unknown fields, which are
/// skipped; parts in any order; ids in any order; text that isn't UTF-8 (repaired when it is read).
/// Refused, each with its own code: everything of google/pprof's `CheckValid` (no sample type, a sample with another number
/// of values, ids that are 0, double or unknown); besides these dangling mapping ids, string indexes out of range, a string
/// table that doesn't begin with "", groups, varints above 64 bits, known fields in a wrong wire type, labels with text and
/// number, concatenated profiles, the formats from before `profile.proto`, execution traces, and what is above the limits.
///
/// Costs one pass to find the parts and one to read them; memory is the unpacked message plus columns that are about as
/// large. Nothing traps, whatever the bytes.
public struct ProfileDecoder: Sendable {
    private let limits: DecodeLimits

    /// A decoder that refuses what is above `limits`.
    public init(limits: DecodeLimits = .default) { self.limits = limits }

    /// The profile in columns.
    public func decode(_ bytes: [UInt8]) throws(PprofError) -> ValidatedProfile {
        guard !bytes.isEmpty else { throw PprofError(.emptyInput, "no bytes") }
        guard bytes.count <= limits.packedBytes else {
            throw PprofError(.packedTooLarge, "\(bytes.count) bytes; the limit is \(limits.packedBytes)")
        }
        let isGzipped = Gzip.isGzip(bytes)
        let message = isGzipped ? try Gzip.inflate(bytes, limit: unpackedLimit) : bytes
        guard !message.isEmpty else { throw PprofError(.emptyInput, "gzip of no bytes") }
        guard message.count <= unpackedLimit else {
            throw PprofError(.unpackedTooLarge, "\(message.count) bytes; the limit is \(unpackedLimit)")
        }
        do throws(PprofError) {
            return try read(message, isGzipped: isGzipped)
        } catch {
            // Only now: what decodes is a profile, whatever its first bytes look like.
            throw ForeignFormat.recognize(message) ?? error
        }
    }

    /// The facts of a profile, all of it validated, nothing kept.
    public func facts(of bytes: [UInt8]) throws(PprofError) -> ProfileFacts {
        try decode(bytes).facts
    }

    /// Extents are 32 bits wide.
    private var unpackedLimit: Int { min(limits.unpackedBytes, Int(UInt32.max)) }

    private func read(_ message: [UInt8], isGzipped: Bool) throws(PprofError) -> ValidatedProfile {
        let parts = try message.withUnsafeBufferPointer { (bytes) throws(PprofError) in
            guard var cursor = WireCursor(bytes, 0..<bytes.count) else { throw PprofError(.emptyInput, "no bytes") }
            let layout = try ProfileLayout(&cursor, limits: limits)
            var reader = PartReader(bytes, layout, limits)
            try reader.readAll()
            return reader.parts
        }
        return ValidatedProfile(parts, message: message, unpackedBytes: message.count, isGzipped: isGzipped)
    }
}
