internal import NIOCore

/// Counts the pieces that channels keep for who comes a little later: bounded all together, the oldest goes first.
struct KeptPieces: Sendable {
    struct Piece: Sendable {
        /// The place of its channel.
        let channel: Int
        /// Which channel, of those that had the place.
        let serial: UInt64
        let bytes: Int
    }

    private static let limit = 1 << 20
    private var pieces = CircularBuffer<Piece>()
    private(set) var bytes = 0

    mutating func add(_ piece: Piece) {
        pieces.append(piece)
        bytes += piece.bytes
    }

    /// The oldest piece, which is to go, where there are too many; the newest stays however large it is.
    mutating func popExcess() -> Piece? {
        guard bytes > Self.limit, pieces.count > 1, let oldest = pieces.popFirst() else { return nil }
        bytes -= oldest.bytes
        return oldest
    }
}
