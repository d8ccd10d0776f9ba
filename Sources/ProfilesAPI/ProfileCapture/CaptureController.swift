internal import APIMachinery
internal import APIServer
internal import Logging
internal import NIOConcurrencyHelpers
internal import ProfileCapture
internal import ProfileStore

/// Keeps captures and their objects together: resumes what a restart interrupted, cancels what is deleted, deletes what has
/// outlived `ttlSecondsAfterFinished`.
public struct CaptureController: Sendable {
    private let store: any ObjectStore
    private let service: CaptureService
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let expiries = NIOLockedValueBox<[ObjectKey: Expiry]>([:])

    init(
        store: any ObjectStore, service: CaptureService, logger: Logger, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.service = service
        self.logger = logger
        self.clock = clock
        self.now = now
    }

    /// Runs until the task is cancelled. A store that fails is asked again after a pause; nothing is lost by it.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await followForever() }
            group.addTask { await sweepForever() }
        }
    }

    private func followForever() async {
        while !Task.isCancelled {
            do {
                try await follow()
            } catch let error where error.code == .watchOverflow || error.code == .snapshotExpired {
                logger.info("the watch on captures starts anew", metadata: ["reason": "\(error.code)"])
            } catch {
                // A store that is opening or away is told of by who opens it.
                let level: Logger.Level = error.code == .unavailable ? .debug : .error
                logger.log(level: level, "captures can't be followed yet", metadata: ["error": "\(error)"])
                try? await clock.sleep(for: .seconds(1))
            }
        }
    }

    /// Looks at every capture once, resuming what has not ended, then follows the changes.
    private func follow() async throws(StoreError) {
        let events = try store.watch(ProfilesGroup.captures, after: store.currentVersion)
        var query = ObjectQuery(resource: ProfilesGroup.captures, limit: 500)
        while true {
            let page = try await store.page(query)
            for stored in page.items { try await look(at: stored, resuming: true) }
            guard page.more, let last = page.items.last else { break }
            query.after = last.key
        }
        for try await event in events {
            if event.type == .deleted {
                service.cancel(uid: event.object.uid)
                expiries.withLockedValue { $0[event.object.key] = nil }
            } else {
                try await look(at: event.object, resuming: false)
            }
        }
    }

    private func look(at stored: StoredObject, resuming: Bool) async throws(StoreError) {
        guard let document = read(stored) else { return }
        // Without an expiry too: an update may have taken it away.
        let expiry = document.expiry.map { Expiry(uid: stored.uid, time: $0) }
        expiries.withLockedValue { $0[stored.key] = expiry }
        guard !document.status.progress.phase.isFinal else { return }
        if document.metadata.deletionTimestamp != nil {
            service.cancel(uid: stored.uid)
            try await cancel(stored)
        } else if resuming, !service.knows(uid: stored.uid) {
            let taken = try await TakenProfiles(store: store).of(document)
            guard let job = CaptureJob(document, taken: taken) else { return }
            logger.info("resuming a capture", metadata: ["capture": "\(stored.key)", "profiles": "\(taken.count)"])
            service.resume(job)
        }
    }

    private func read(_ stored: StoredObject) -> CaptureDocument? {
        do {
            return try CaptureDocument(stored)
        } catch {
            logger.error("a capture can't be read", metadata: ["capture": "\(stored.key)", "error": "\(error)"])
            return nil
        }
    }

    /// A capture that is deleted while finalizers hold it ends here.
    private func cancel(_ capture: StoredObject) async throws(StoreError) {
        let time = now()
        _ = try await store.update(ProfilesGroup.captures, capture.key) { stored throws(StoreError) in
            guard stored.uid == capture.uid else { return .unchanged }
            var document = try CaptureDocument(stored)
            guard !document.status.progress.phase.isFinal else { return .unchanged }
            document.status.progress.phase = .cancelled
            document.status.progress.completionTime = time
            document.recordStatus(at: time)
            return .replace(document.draft)
        }
    }

    /// Deletes, every second, the captures whose time is over.
    private func sweepForever() async {
        while (try? await clock.sleep(for: .seconds(1))) != nil {
            let time = now()
            let over = expiries.withLockedValue { expiries in
                let over = expiries.filter { $0.value.time <= time }
                over.keys.forEach { expiries[$0] = nil }
                return over
            }
            for (key, expiry) in over {
                await delete(key, expiry)
            }
        }
    }

    private func delete(_ key: ObjectKey, _ expiry: Expiry) async {
        do {
            var options = DeleteOptions()
            options.preconditions.uid = expiry.uid
            _ = try await Deletion(options: options, now: now()).perform(on: store, ProfilesGroup.captures, key)
        } catch  where error.code == .conflict(.uid) {
            return
        } catch {
            logger.error(
                "an expired capture can't be deleted yet", metadata: ["capture": "\(key)", "error": "\(error)"])
            expiries.withLockedValue { $0[key] = Expiry(uid: expiry.uid, time: now().adding(.seconds(30))) }
        }
    }
}

/// When a capture is to be deleted; the uid tells it from a successor of the same name.
private struct Expiry: Sendable {
    var uid: String
    var time: Timestamp
}

extension CaptureDocument {
    /// When `ttlSecondsAfterFinished` is over; nil if there is none or the capture has not ended.
    var expiry: Timestamp? {
        guard let seconds = spec["ttlSecondsAfterFinished"]?.integerValue, let ended = status.progress.completionTime
        else {
            return nil
        }
        return ended.adding(.seconds(seconds))
    }
}
