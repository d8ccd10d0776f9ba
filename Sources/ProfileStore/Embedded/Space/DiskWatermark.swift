internal import NIOConcurrencyHelpers

/// Whether the store's file system has room for creates.
///
/// Below the reserve creates are refused, until there is a quarter more than the reserve: a state that changed with every
/// create would tell clients nothing. Reads, deletions and small changes go on, for which the reserve is there.
final class DiskWatermark: Sendable {
    /// What a file system says of itself, in bytes.
    struct Reading: Sendable, Equatable {
        var free: UInt64
        var size: UInt64
    }

    private struct State {
        var reading: Reading?
        var isLow = false
    }

    private let reserve: DiskReserve
    private let read: @Sendable () -> Reading?
    private let state = NIOLockedValueBox(State())

    init(_ reserve: DiskReserve, read: @escaping @Sendable () -> Reading?) {
        self.reserve = reserve
        self.read = read
    }

    /// The last reading; nil if there was none.
    var reading: Reading? { state.withLockedValue { $0.reading } }
    /// Whether creates are refused.
    var isLow: Bool { state.withLockedValue { $0.isLow } }

    /// Reads anew; a microsecond or two. What can't be read refuses nothing.
    func look() {
        guard reserve != .bytes(0), let reading = read() else { return }
        state.withLockedValue { state in
            let reserve = reserve.bytes(of: reading.size)
            let bound = state.isLow ? Self.end(of: reserve) : reserve
            state.reading = reading
            state.isLow = reading.free < bound
        }
    }

    /// Why something of that size can't be created, by the last reading; nil if it can.
    func refusal(adding bytes: Int = 0) -> StoreError? {
        let (reading, isLow) = state.withLockedValue { ($0.reading, $0.isLow) }
        guard let reading else { return nil }
        let reserve = reserve.bytes(of: reading.size)
        let (needed, isOverflowing) = reserve.addingReportingOverflow(UInt64(max(0, bytes)))
        guard isLow || isOverflowing || reading.free < needed else { return nil }
        let size = bytes > 0 ? ", \(bytes) are to be written" : ""
        let end = isLow ? "; nothing is created until \(Self.end(of: reserve)) are free" : ""
        return StoreError(
            .insufficientStorage,
            "insufficient storage: the file system of the store has \(reading.free) bytes free, \(reserve) are kept in "
                + "reserve (--disk-reserve)\(size)\(end)")
    }

    private static func end(of reserve: UInt64) -> UInt64 {
        let (bound, isOverflowing) = reserve.addingReportingOverflow(reserve / 4)
        return isOverflowing ? reserve : bound
    }
}
