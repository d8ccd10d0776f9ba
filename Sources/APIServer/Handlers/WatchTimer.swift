internal import APIMachinery

/// Minds the time of one watch: when bookmarks are due, and when it ends (conformance 8.3).
struct WatchTimer: Sendable {
    private let length: Duration
    private let bookmarks: Bool
    private let configuration: HandlerConfiguration

    init(_ configuration: HandlerConfiguration, _ options: ListOptions) {
        let seconds = options.timeoutSeconds ?? Int.random(in: configuration.watchSeconds)
        length = .seconds(seconds)
        bookmarks = options.allowWatchBookmarks
        self.configuration = configuration
    }

    /// Asks for the bookmarks and ends it in time; returns early when the task is cancelled.
    func run(_ signals: WatchSignals) async {
        let clock = configuration.clock
        var passed = Duration.zero
        do {
            if bookmarks {
                let last = length - configuration.bookmarkLead
                while passed < last {
                    let next = min(passed + configuration.bookmarkPeriod, last)
                    try await clock.sleep(for: next - passed)
                    passed = next
                    signals.requestBookmark()
                }
            }
            try await clock.sleep(for: length - passed)
            signals.end()
        } catch {
            // Cancelled: the watch has ended already.
        }
    }
}
