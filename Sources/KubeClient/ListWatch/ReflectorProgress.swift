/// How far a list-watch has come, and what it must do next.
struct ReflectorProgress {
    /// Where the next watch begins.
    private(set) var version = ""
    /// Whether the watch under way has brought something.
    private(set) var hasProgressed = false
    /// The version that the next list asks for; nil: no list is needed.
    private var wanted: ListVersion? = .any
    private var listedAt = Duration.zero
    private var failures = 0

    /// What the next list asks for.
    var listVersion: ListVersion { wanted ?? .notOlderThan(version) }

    func needsList(now: Duration, resync: Duration) -> Bool { wanted != nil || now - listedAt >= resync }

    mutating func listed(_ version: String, now: Duration) {
        self.version = version
        wanted = nil
        listedAt = now
        hasProgressed = false
    }

    /// An event or a bookmark was seen.
    mutating func reached(_ version: String) {
        self.version = version
        hasProgressed = true
        failures = 0
    }

    /// A watch ended as watches do.
    mutating func watched() {
        hasProgressed = false
        failures = 0
    }

    /// A list or watch failed; decides whether the next watch can resume.
    mutating func failed(_ error: KubeClientError) {
        hasProgressed = false
        switch error.code {
        // What lay between is lost, and a cache may know no more than we do.
        case .expired: wanted = .latest
        case .badAnswer: wanted = wanted ?? .notOlderThan(version)
        case .refused: wanted = listVersion(afterRefusal: error) ?? wanted
        default: break
        }
    }

    private func listVersion(afterRefusal error: KubeClientError) -> ListVersion? {
        switch error.status {
        // These pass; the watch resumes where it was.
        case 401, 403, 429, 503: nil
        // An error under way: what came after may be lost, but the cache can tell.
        case 500, 502: version.isEmpty ? nil : .notOlderThan(version)
        // Our version may be none of this server's: it was restored from a backup, or another one is there now.
        default: .latest
        }
    }

    /// How long to wait before the next try; nil is not at all.
    mutating func pause(after error: KubeClientError, _ backoff: Backoff, chance: Double) -> Duration? {
        let isFirst = failures == 0
        failures += 1
        if error.code == .expired, isFirst { return nil }
        return max(backoff.delay(afterFailures: failures, chance: chance), error.retryAfter ?? .zero)
    }
}

/// Which state of a collection is asked for.
enum ListVersion: Sendable, Equatable {
    /// Whatever the cache has: `resourceVersion=0`.
    case any
    /// Of the cache, but no older than what we have seen.
    case notOlderThan(String)
    /// From the store itself: no `resourceVersion`.
    case latest
}
