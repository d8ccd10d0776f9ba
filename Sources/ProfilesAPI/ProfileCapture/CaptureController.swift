internal import APIMachinery
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
                logger.error("captures can't be followed", metadata: ["error": "\(error)"])
                try? await clock.sleep(for: .seconds(5))
            }
        }
    }

    /// Looks at every capture once, resuming what has not ended, then follows the changes.
    private func follow() async throws(StoreError) {
        let events = try store.watch(ProfilesGroup.captures, after: store.currentVersion)
        var query = ObjectQuery(resource: ProfilesGroup.captures, limit: 500)
        while true {
            let page = try await store.page(query)
            for stored in page.items { look(at: stored, resuming: true) }
            guard page.more, let last = page.items.last else { break }
            query.after = last.key
        }
        for try await event in events {
            if event.type == .deleted {
                service.cancel(uid: event.object.uid)
                expiries.withLockedValue { $0[event.object.key] = nil }
            } else {
                look(at: event.object, resuming: false)
            }
        }
    }

    private func look(at stored: StoredObject, resuming: Bool) {
        do {
            let document = try CaptureDocument(stored)
            if let expiry = document.expiry {
                expiries.withLockedValue { $0[stored.key] = Expiry(uid: stored.uid, time: expiry) }
            }
            if resuming, !document.status.progress.phase.isFinal, !service.knows(uid: stored.uid),
                let job = CaptureJob(document)
            {
                logger.info("resuming a capture", metadata: ["capture": "\(stored.key)"])
                service.submit(job)
            }
        } catch {
            logger.error("a capture can't be read", metadata: ["capture": "\(stored.key)", "error": "\(error)"])
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
            _ = try await store.delete(ProfilesGroup.captures, key, preconditions: Preconditions(uid: expiry.uid))
        } catch where error.code == .conflict(.uid) {
            return
        } catch {
            logger.error("an expired capture can't be deleted yet", metadata: ["capture": "\(key)", "error": "\(error)"])
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
        guard let seconds = spec["ttlSecondsAfterFinished"]?.integerValue, let ended = status.progress.completionTime else {
            return nil
        }
        return ended.adding(.seconds(seconds))
    }
}
