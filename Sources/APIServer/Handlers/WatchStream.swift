internal import APIMachinery
internal import HTTPTransport
internal import NIOCore

/// One watch from its head to its end: the present objects where asked for, then changes, bookmarks and the end.
///
/// Two tasks: this one writes what the source has, as much as there is at a time; one minds the time and interrupts it by
/// ``WatchSignals``. The end is clean (no event) when the time is over, the server drains or the source ends; the client comes back
/// with the last version it saw. A client that reads slowly holds this task, and at last the source's own queue, which cuts it off.
struct WatchStream: Sendable {
    let context: ResourceContext
    let watcher: any Watcher
    let request: AuthorizedRequest
    let options: ListOptions

    func run(_ output: WatchOutput, _ writer: borrowing ResponseBodyWriter) async throws {
        var lines = WatchLines(output.encoder(), context)
        do {
            let start = try await start(&lines, writer)
            let source = try await watcher.watch(query(after: start), request)
            try await follow(source, from: start, &lines, writer)
        } catch let error as StatusError {
            lines.append(error.status)
            try await writer.write(lines.take())
        }
    }

    /// Throws what keeps the storage from serving at all; reads one object.
    func checkServable() async throws {
        let one = ListQuery(
            scope: context.scope(request), labelSelector: .everything, fieldSelector: .everything, snapshot: nil,
            after: nil,
            limit: 1)
        _ = try await watcher.page(one, request)
    }

    private func query(after version: ResourceVersion) -> WatchQuery {
        WatchQuery(
            scope: context.scope(request), labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
            after: version)
    }

    // MARK: The beginning

    /// Tells the present objects where they are wanted; returns the version behind which changes begin.
    private func start(
        _ lines: inout WatchLines, _ writer: borrowing ResponseBodyWriter
    ) async throws -> ResourceVersion {
        let version = options.resourceVersion.flatMap { $0.rawValue == 0 ? nil : $0 }
        switch (options.sendInitialEvents, version) {
        case (false, nil): return watcher.currentVersion
        case (false, let version?), (nil, let version?): return version
        case (true, _), (nil, nil): break
        }
        let begin = ContinuousClock.now
        let snapshot = try await tellPresent(&lines, writer)
        if options.sendInitialEvents == true, options.allowWatchBookmarks {
            lines.appendBookmark(snapshot, endsInitialEvents: true)
        }
        if !lines.isEmpty { try await writer.write(lines.take()) }
        if options.sendInitialEvents == true {
            let time = ContinuousClock.now - begin
            context.configuration.watchMetrics?.listed(request.info, seconds: time / .seconds(1))
        }
        return snapshot
    }

    /// An ADDED for every object of one snapshot, page by page.
    private func tellPresent(
        _ lines: inout WatchLines, _ writer: borrowing ResponseBodyWriter
    ) async throws -> ResourceVersion {
        var query = ListQuery(
            scope: context.scope(request), labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
            snapshot: nil, after: nil, limit: context.configuration.pageSize, parts: lines.parts)
        while true {
            let page = try await watcher.page(query, request)
            for object in page.items {
                lines.appendPresent(object)
                if lines.isFull { try await writer.write(lines.take()) }
            }
            guard let following = query.following(page) else { return page.snapshot }
            query = following
        }
    }

    // MARK: Changes

    private func follow(
        _ source: any WatchSource, from start: ResourceVersion, _ lines: inout WatchLines,
        _ writer: borrowing ResponseBodyWriter
    ) async throws {
        let signals = WatchSignals(interrupting: source)
        let registration = context.configuration.drain.onDrain { signals.end() }
        defer { context.configuration.drain.cancel(registration) }
        async let _ = WatchTimer(context.configuration, options).run(signals)
        var told = start
        while let batch = try await source.next() {
            try await tell(batch, after: start, &lines, writer)
            told = max(told, batch.through ?? told)
            let demand = signals.take()
            if demand.bookmark { lines.appendBookmark(told) }
            if !lines.isEmpty { try await writer.write(lines.take()) }
            if demand.end { return }
        }
        // Leaving cancels the timer and waits for it.
    }

    /// Adds the lines of a batch, those that it shares as a whole. What isn't newer than the start (of a watch from the future) is
    /// left out.
    private func tell(
        _ batch: WatchBatch, after start: ResourceVersion, _ lines: inout WatchLines,
        _ writer: borrowing ResponseBodyWriter
    ) async throws {
        if batch.isAbove(start), lines.append(batch) { return }
        for event in batch.events where event.version > start {
            lines.append(event)
            if lines.isFull { try await writer.write(lines.take()) }
        }
    }
}
