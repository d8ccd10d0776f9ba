internal import APIMachinery
internal import Logging
internal import ProfileCapture
internal import ProfileStore

/// Writes what a capture reports into the status of its object.
struct CaptureStatusWriter: CaptureObserver {
    let store: any ObjectStore
    let logger: Logger

    func captureChanged(_ job: CaptureJob, _ progress: CaptureProgress) async {
        do {
            _ = try await store.update(ProfilesGroup.captures, job.key) { stored throws(StoreError) in
                guard stored.uid == job.uid else { return .unchanged }
                var document = try CaptureDocument(stored)
                document.status.progress = progress
                return .replace(document.draft)
            }
        } catch {
            logger.error(
                "the status of a capture could not be written",
                metadata: ["capture": "\(job.key)", "phase": "\(progress.phase.rawValue)", "error": "\(error)"])
        }
    }
}
