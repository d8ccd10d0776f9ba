internal import APIMachinery
internal import Logging
internal import ProfileCapture
internal import ProfileStore

/// Writes what a capture reports into the status of its object.
///
/// A status that can't be written is written with the next step; the final one is tried until it works, or the capture would stay
/// `Running` until the next start.
struct CaptureStatusWriter: CaptureObserver {
    let store: any ObjectStore
    let clock: any Clock<Duration>
    /// The time of day.
    let now: @Sendable () -> Timestamp
    let logger: Logger

    func captureChanged(_ job: CaptureJob, _ progress: CaptureProgress) async -> Bool {
        var pause = Duration.seconds(1)
        while true {
            do throws(StoreError) {
                return try await write(job, progress)
            } catch {
                logger.error(
                    "the status of a capture could not be written",
                    metadata: ["capture": "\(job.key)", "phase": "\(progress.phase.rawValue)", "error": "\(error)"])
                guard progress.phase.isFinal, error.code.isRetryable, (try? await clock.sleep(for: pause)) != nil else {
                    return true
                }
                pause = min(pause * 2, .seconds(30))
            }
        }
    }

    /// False if the object is gone, is a later one of that name, or was ended by somebody else.
    private func write(_ job: CaptureJob, _ progress: CaptureProgress) async throws(StoreError) -> Bool {
        let stored = try await store.update(ProfilesGroup.captures, job.key) { stored throws(StoreError) in
            guard stored.uid == job.uid else { return .unchanged }
            var document = try CaptureDocument(stored)
            guard !document.status.progress.phase.isFinal else { return .unchanged }
            document.status.progress = progress
            document.recordStatus(at: now())
            return .replace(document.draft)
        }
        return stored?.uid == job.uid && stored?.fields[CaptureDocument.phaseField] == progress.phase.rawValue
    }
}
