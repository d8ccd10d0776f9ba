public import APIMachinery
public import Logging

/// Writes events, as client-go's recorder: nobody who tells of something waits for it, and no storm of events reaches kube-apiserver.
///
/// | limit | beyond it |
/// |---|---|
/// | 1,000 events that wait | the newest is dropped |
/// | per object 25 events, then one in five minutes | dropped |
/// | the client's rate of writes | they wait |
///
/// An event that is equal to an earlier one of the last six minutes is counted up there (`series`) and not written anew. What kube-apiserver
/// refuses, or doesn't take in time, is dropped: events are for people, and nothing depends on them.
public final class EventRecorder: Sendable {
    private let client: KubeClient
    private let reporter: String
    private let instance: String
    private let now: @Sendable () -> Timestamp
    private let clock: SteadyClock
    private let logger: Logger
    private let events: AsyncStream<KubeEvent>
    private let queue: AsyncStream<KubeEvent>.Continuation

    /// How many events may wait.
    static let queueLimit = 1_000
    /// For how long one write may take.
    static let patience = Duration.seconds(10)

    /// A recorder that writes once it runs.
    ///
    /// - Parameters:
    ///   - reporter: `reportingController`: `profefe.io/apiserver`.
    ///   - instance: `reportingInstance`: the pod's or the machine's name.
    ///   - now: the time of day.
    ///   - clock: measures what is recent.
    public init(
        client: KubeClient, reporter: String, instance: String,
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }, clock: SteadyClock = .continuous, logger: Logger
    ) {
        self.client = client
        self.reporter = reporter
        self.instance = instance.isEmpty ? "unknown" : instance
        self.now = now
        self.clock = clock
        self.logger = logger
        (events, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
    }

    /// Takes an event to be written; returns at once.
    public func record(_ event: KubeEvent) {
        if case .dropped = queue.yield(event) {
            logger.debug("an event is dropped: too many wait", metadata: ["reason": "\(event.reason)"])
        }
    }

    /// Writes what is recorded, until cancelled.
    public func run() async {
        var memory = EventMemory()
        for await event in events {
            switch memory.judge(event, at: clock.now) {
            case .drop: logger.debug("an event is dropped: too many of one object", metadata: fields(event))
            case .write: await write(event, &memory)
            case .count(let path, let count): await countUp(event, path, count, &memory)
            }
        }
    }

    private func write(_ event: KubeEvent, _ memory: inout EventMemory) async {
        let time = now()
        let name = "\(event.regarding.name.prefix(230)).\(memory.suffix(time))"
        let collection = "/apis/events.k8s.io/v1/namespaces/\(event.regarding.namespace)/events"
        do throws(KubeClientError) {
            _ = try await client.create(object(event, name: name, time), at: collection, deadline: Self.patience)
            memory.wrote(event, at: "\(collection)/\(name)", clock.now)
        } catch {
            failed(event, error)
        }
    }

    private func countUp(_ event: KubeEvent, _ path: String, _ count: Int, _ memory: inout EventMemory) async {
        let series = JSONObject([
            ("count", .integer(Int64(count))),
            ("lastObservedTime", .string(now().rfc3339(fraction: .micro))),
        ])
        do throws(KubeClientError) {
            _ = try await client.mergePatch(
                JSONObject([("series", .object(series))]), at: path, deadline: Self.patience)
        } catch  where error.status == 404 {
            // Events have a time to live.
            memory.forget(event)
            await write(event, &memory)
        } catch {
            failed(event, error)
        }
    }

    private func object(_ event: KubeEvent, name: String, _ time: Timestamp) -> JSONValue {
        let regarding = event.regarding
        var reference: JSONObject = [
            "apiVersion": .string(regarding.apiVersion), "kind": .string(regarding.kind),
            "namespace": .string(regarding.namespace), "name": .string(regarding.name),
        ]
        if !regarding.uid.isEmpty { reference["uid"] = .string(regarding.uid) }
        return [
            "apiVersion": "events.k8s.io/v1", "kind": "Event",
            "metadata": ["name": .string(name), "namespace": .string(regarding.namespace)],
            "eventTime": .string(time.rfc3339(fraction: .micro)), "type": .string(event.severity.rawValue),
            "reason": .string(event.reason), "action": .string(event.action), "note": .string(event.note),
            "regarding": .object(reference), "reportingController": .string(reporter),
            "reportingInstance": .string(instance),
        ]
    }

    private func failed(_ event: KubeEvent, _ error: KubeClientError) {
        var metadata = fields(event)
        metadata["error"] = "\(error)"
        logger.info("an event can't be written", metadata: metadata)
    }

    private func fields(_ event: KubeEvent) -> Logger.Metadata {
        ["object": "\(event.regarding.namespace)/\(event.regarding.name)", "reason": "\(event.reason)"]
    }
}
