import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1

/// Watches of a ``FakeKubeAPI``.
extension FakeKubeHandler {
    /// A watch that is registered: nothing that happens from now on is missed.
    struct Watch {
        var id: Int
        var watcher: FakeKubeWatcher
        var signals: AsyncStream<FakeKubeWatcher.Signal>
        /// Lines to begin with.
        var first: [[UInt8]]
        var timeoutSeconds: Int?
    }

    func watcher(_ request: FakeKubeRequest) throws(StatusError) -> Watch {
        let options = try ListOptions(query: request.query, watchList: false)
        guard let place = FakeKubePlace(path: request.path) else { throw .resourceNotFound() }
        let (signals, continuation) = AsyncStream.makeStream(of: FakeKubeWatcher.Signal.self)
        let result = state.change { state -> Result<Watch, StatusError> in
            do throws(StatusError) {
                let watcher = FakeKubeWatcher(
                    place: place, path: request.path, kind: try state.store.known(place.resource),
                    selector: FakeKubeSelector(fields: options.fieldSelector, labels: options.labelSelector),
                    allowsBookmarks: options.allowWatchBookmarks, signals: continuation)
                let first = Self.firstLines(watcher, state.store, after: options.resourceVersion?.rawValue ?? 0)
                state.nextWatcher += 1
                state.watchers[state.nextWatcher] = watcher
                return .success(
                    Watch(
                        id: state.nextWatcher, watcher: watcher, signals: signals, first: first,
                        timeoutSeconds: options.timeoutSeconds))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// What happened since; everything there is for a watch from nowhere; an ERROR for one from a version that is forgotten.
    private static func firstLines(_ watcher: FakeKubeWatcher, _ store: FakeKubeStore, after version: UInt64)
        -> [[UInt8]]
    {
        if version == 0 {
            return store.all(watcher.place.resource, namespace: watcher.place.namespace).filter {
                watcher.selector.matches($0.object)
            }.map { FakeKubeWatcher.line("ADDED", $0.object) }
        }
        guard version >= store.oldest else {
            watcher.signals.yield(.end(.closed))
            let expired = StatusError.watchExpired(ResourceVersion(version), oldest: ResourceVersion(store.oldest))
            return [FakeKubeWatcher.error(expired.status)]
        }
        return store.events.filter { $0.version > version }.compactMap(watcher.line)
    }

    func watch(_ watch: Watch, _ request: FakeKubeRequest, _ response: consuming ResponseWriter) async {
        let watcher = watch.watcher
        let timeout = watch.timeoutSeconds.map { seconds in
            Task {
                try await Task.sleep(for: .seconds(seconds))
                watcher.signals.yield(.end(.closed))
            }
        }
        defer {
            timeout?.cancel()
            state.change { _ = $0.watchers.removeValue(forKey: watch.id) }
        }
        guard let body = try? await response.start(Self.head(200)) else { return }
        do throws(TransportError) {
            for line in watch.first { try await body.write(ByteBuffer(bytes: line)) }
        } catch {
            return
        }
        for await signal in watch.signals {
            let (bytes, end) = next(signal, watcher)
            if let bytes { do { try await body.write(ByteBuffer(bytes: bytes)) } catch { return } }
            if let end { return await finish(body, end) }
        }
        // Cancelled, or the server goes away: dropping the body breaks it off.
    }

    private func finish(_ body: consuming ResponseBodyWriter, _ end: FakeKubeWatchEnd) async {
        if case .reset = end { body.abort() } else { try? await body.finish() }
    }

    private func next(_ signal: FakeKubeWatcher.Signal, _ watcher: FakeKubeWatcher) -> (
        [UInt8]?, FakeKubeWatchEnd?
    ) {
        switch signal {
        case .event(let event): (watcher.line(event), nil)
        case .bookmark(let version): (watcher.bookmark(version), nil)
        case .bytes(let text): (Array(text.utf8), nil)
        case .end(.expired):
            (FakeKubeWatcher.error(StatusError.expired("The resourceVersion is too old.").status), .closed)
        case .end(.error(let code, let reason)):
            (FakeKubeWatcher.error(Status(message: "made to fail", reason: reason, code: code)), .closed)
        case .end(.cutOff): (Array(#"{"type":"ADDED","obj"#.utf8), .closed)
        case .end(let end): (nil, end)
        }
    }
}
