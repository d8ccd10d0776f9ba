internal import Logging
internal import NIOConcurrencyHelpers

/// What happens on the writer's queue between the commits of others, in steps of some milliseconds: old states are forgotten, what is
/// due is removed, space is given back, and the room on the disk is watched.
final class Maintenance: Sendable {
    private let upkeep: Upkeep
    private let sweep: RetentionSweep
    private let space: SpaceReturn
    private let watermark: DiskWatermark
    private let logger: Logger

    init(upkeep: Upkeep, sweep: RetentionSweep, space: SpaceReturn, watermark: DiskWatermark, logger: Logger) {
        self.upkeep = upkeep
        self.sweep = sweep
        self.space = space
        self.watermark = watermark
        self.logger = logger
    }

    /// What comes with each tick of the clock, before its steps.
    func tick(at version: UInt64) throws(StoreError) {
        let wasLow = watermark.isLow
        watermark.look()
        if watermark.isLow != wasLow {
            logger.log(
                level: wasLow ? .notice : .warning,
                wasLow ? "the store has room again" : "the store takes nothing new until there is room",
                metadata: ["free": "\(watermark.reading?.free ?? 0)", "of": "\(watermark.reading?.size ?? 0)"])
        }
        sweep.tick()
        try space.trimLog(at: version, isLow: watermark.isLow)
    }

    /// One step of each. What is committed is returned, to be told of.
    func step() throws(StoreError) -> (commit: Writer.Commit?, hasMore: Bool) {
        let hasStates = try upkeep.step()
        let hasSpace = try space.step(isLow: watermark.isLow)
        // Last, so that what it committed is not lost to a failure of the others.
        let (commit, hasDue) = try sweep.step(isFrugal: watermark.isLow)
        return (commit, hasStates || hasSpace || hasDue)
    }

    /// Whether a small write gets to the disk and there is room for larger ones.
    func canWrite() throws(StoreError) -> Bool { try upkeep.canWrite() }
}
