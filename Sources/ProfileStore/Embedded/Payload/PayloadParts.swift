/// How a payload is kept in the database: in rows of at most ``size`` bytes, so that a download is read piece by piece, in time and
/// memory that don't grow with it.
///
/// The row ids of an object's parts follow each other: `object id × 4096 + part`.
enum PayloadParts {
    /// Bytes of every part but the last: each costs a download two changes of threads, and memory while it waits to be sent. Those of
    /// older stores may be smaller.
    static let size = 512 << 10
    /// Parts of one object at most: 2 GiB, far above what any way in takes.
    static let limit = 4096

    /// The row id of a part.
    static func row(_ object: Int64, _ part: Int) -> Int64 { object &* Int64(limit) &+ Int64(part) }

    /// The parts of `bytes`; at least one, so that an empty payload is told from none.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.isEmpty
            ? [[]] : stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
    }
}
