public import APIMachinery
import HTTPTransport
public import Logging
import NIOCore

/// Keeps an ``ObjectSink`` equal to a collection of kube-apiserver's: list, then watch, and again as need be.
///
/// The list comes in pages, first from kube-apiserver's cache (`resourceVersion=0`). A watch that ends is resumed after the last event or
/// bookmark; one that can't be resumed (410) is preceded by a new list. Failures are waited out, longer each time, and lose nothing the
/// sink has.
public final class Reflector<Sink: ObjectSink>: Sendable {
    private let client: KubeClient
    private let source: ListWatchSource
    private let sink: Sink
    private let decode: @Sendable (JSONValue) -> Sink.Element?
    private let backoff: Backoff
    private let health: ReflectorHealth

    /// Makes a reflector that does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - sink: gets what is learnt.
    ///   - decode: what of an object is kept; nil leaves the object out.
    ///   - onFailure: told each time a list or watch fails, for hints that depend on what is watched; must not block.
    public init(
        client: KubeClient, source: ListWatchSource, sink: Sink, backoff: Backoff = .reflector, logger: Logger,
        onFailure: @escaping @Sendable (KubeClientError) -> Void = { _ in },
        decode: @escaping @Sendable (JSONValue) -> Sink.Element?
    ) {
        self.client = client
        self.source = source
        self.sink = sink
        self.backoff = backoff
        health = ReflectorHealth(path: source.path, logger: logger, onFailure: onFailure)
        self.decode = decode
    }

    /// Why the last list or watch failed; nil once kube-apiserver answers again.
    public var lastFailure: KubeClientError? { health.failure }

    /// Lists and watches until the task is cancelled.
    public func run() async {
        var progress = ReflectorProgress()
        while !Task.isCancelled {
            guard let error = await turn(&progress) else { continue }
            if Task.isCancelled { return }
            health.failed(error)
            guard let pause = progress.pause(after: error, backoff, chance: client.random()) else { continue }
            do throws(KubeClientError) { try await client.clock.sleep(for: pause) } catch { return }
        }
    }

    /// A list if there must be one, and one watch; nil if the watch ended as watches do.
    private func turn(_ progress: inout ReflectorProgress) async -> KubeClientError? {
        do throws(KubeClientError) {
            if progress.needsList(now: client.clock.now, resync: source.resync) {
                let list = try await ObjectLister(client: client, source: source).list(progress.listVersion)
                sink.replace(list.objects.compactMap(keyed))
                sink.touch()
                progress.listed(list.version, now: client.clock.now)
            }
            try await watch(&progress)
            return nil
        } catch {
            progress.failed(error)
            return error
        }
    }

    // MARK: watch

    private func watch(_ progress: inout ReflectorProgress) async throws(KubeClientError) {
        let begin = client.clock.now
        let response = try await client.open(watchRequest(from: progress.version), silence: source.silence)
        sink.touch()
        health.answered()
        var lines = LineSplitter(limit: Self.eventLimit)
        while let piece = try await next(response) {
            for line in try lines.lines(piece) { try apply(WatchEvent.decode(line), &progress) }
        }
        guard !lines.isInsideLine else {
            throw KubeClientError(.unreachable, "GET \(source.path): the watch was cut off inside an event")
        }
        guard progress.hasProgressed || client.clock.now - begin >= .seconds(1) else {
            throw KubeClientError(.unreachable, "GET \(source.path): the watch ended at once, without an event")
        }
        progress.watched()
        health.progressed()
    }

    /// Bytes of one event; etcd takes no object above 1.5 MiB.
    private static var eventLimit: Int { 16 << 20 }

    /// The next piece; nil at the end, and when nothing came for so long that the watch may be dead.
    private func next(_ response: ClientResponse) async throws(KubeClientError) -> ByteBuffer? {
        do throws(TransportError) {
            return try await response.next()
        } catch {
            if error.code == .timedOut { return nil }
            let code: KubeClientError.Code = Task.isCancelled ? .cancelled : .unreachable
            throw KubeClientError(code, "GET \(source.path): the watch broke: \(error.message)")
        }
    }

    private func watchRequest(from version: String) -> KubeRequest {
        let seconds = max(Int((source.watchTime * (1 + client.random())).components.seconds), 1)
        return KubeRequest(
            path: source.path,
            query: source.selectors + [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
                ("timeoutSeconds", String(seconds)),
            ],
            purpose: .informer, deadline: .seconds(seconds + 30), retries: .never)
    }

    private func apply(_ event: WatchEvent, _ progress: inout ReflectorProgress) throws(KubeClientError) {
        sink.touch()
        switch event {
        case .set(let object, let version):
            if let (key, element) = keyed(object) {
                sink.set(key, element)
            } else if let key = ObjectKey(object) {
                sink.remove(key)
            }
            progress.reached(version)
        case .deleted(let object, let version):
            if let key = ObjectKey(object) { sink.remove(key) }
            progress.reached(version)
        case .bookmark(let version): progress.reached(version)
        case .expired(let message): throw KubeClientError(.expired, "GET \(source.path): \(message)", status: 410)
        case .failed(let error): throw error
        }
        health.progressed()
    }

    private func keyed(_ object: JSONValue) -> (key: ObjectKey, element: Sink.Element)? {
        guard let key = ObjectKey(object), let element = decode(object) else { return nil }
        return (key, element)
    }
}
