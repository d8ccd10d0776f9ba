import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Pprof

/// profefe's `/api/0` as profefe serves it (`pkg/profefe/*_handler.go`, `request.go`, `reply.go`).
struct FakeCollectorHandler: HTTPHandler {
    private struct Reply {
        var status: Int
        var type = "text/plain; charset=utf-8"
        var body: [UInt8] = []

        static func error(_ status: Int, _ text: String, type: String = "text/plain; charset=utf-8") -> Reply {
            var writer = JSONWriter()
            writer.object { writer in
                writer.field("code", status)
                writer.field("error", text)
            }
            return Reply(status: status, type: type, body: writer.bytes + [0x0a])
        }

        static func success(type: String = "text/plain; charset=utf-8", _ write: (inout JSONWriter) -> Void) -> Reply {
            var writer = JSONWriter()
            writer.object { writer in
                writer.field("code", 200)
                writer.key("body")
                write(&writer)
            }
            return Reply(status: 200, type: type, body: writer.bytes + [0x0a])
        }
    }

    let collector: FakeCollector
    private static let decoder = ProfileDecoder(limits: .default)
    private static let json = "application/json"
    private static let bytes = "application/octet-stream"

    func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        let fault = collector.begin(request.head.method, request.head.target)
        switch fault {
        case .hang: try? await Task.sleep(for: .seconds(86_400))
        case .slow(let wait): await wait()
        default: break
        }
        if case .noAnswer = fault {
            // What is dropped unanswered closes the stream with an error of its own; a broken-off body is the nearest to a closed connection.
            return await Self.breakOff(response, length: 1, [])
        }
        let reply = await answer(request, fault)
        if case .cutOff = fault {
            return await Self.breakOff(
                response, length: reply.body.count, Array(reply.body.prefix(reply.body.count / 2)))
        }
        response.send(
            HTTPResponseHead(
                status: HTTPResponseStatus(statusCode: reply.status), headers: ["content-type": reply.type]),
            body: ByteBuffer(bytes: reply.body))
    }

    private static func breakOff(_ response: consuming ResponseWriter, length: Int, _ bytes: [UInt8]) async {
        let head = HTTPResponseHead(status: .ok, headers: ["content-length": "\(max(1, length))"])
        guard let writer = try? await response.start(head) else { return }
        if !bytes.isEmpty { try? await writer.write(ByteBuffer(bytes: bytes)) }
    }

    private func answer(_ request: HTTPRequest, _ fault: FakeCollectorFault?) async -> Reply {
        switch fault {
        case .proxy(let status):
            return Reply(status: status, type: "text/html", body: Array("<html>\(status) default backend</html>".utf8))
        case .refuse(let status, let text): return .error(status, text)
        case .garbage(let bytes): return Reply(status: 200, body: bytes)
        default: break
        }
        let (path, query) = QueryItems.split(target: request.head.target)
        switch path {
        case "/api/0/version":
            return .success { writer in
                writer.object { writer in
                    writer.field("version", "fake")
                    writer.field("commit", "none")
                    writer.field("build_time", "never")
                }
            }
        case "/api/0/services": return services()
        case "/api/0/profiles":
            switch request.head.method {
            case .POST: return await create(request, query)
            case .GET: return find(query)
            default: return Reply(status: 200)
            }
        case "/api/0/profiles/merge": return merge(query)
        case _ where path.hasPrefix("/api/0/profiles"): return get(path.dropFirst("/api/0/profiles".count))
        case _ where path.hasPrefix("/api/0/"): return .error(404, "nothing found")
        default: return Reply(status: 404, body: Array("404 page not found\n".utf8))
        }
    }

    // MARK: writes

    private func create(_ request: HTTPRequest, _ query: QueryItems) async -> Reply {
        guard let service = query["service"], !service.isEmpty else {
            return .error(400, #"bad request: missing "service""#)
        }
        guard let labels = FakeCollectorLabels.parse(query["labels"] ?? "") else {
            return .error(400, #"bad request: bad "labels""#)
        }
        var created: Int64?
        if let text = query["created_at"], !text.isEmpty {
            guard let time = Self.time(text) else { return .error(400, #"bad request: bad "created_at" "\#(text)""#) }
            created = time
        }
        guard let type = query["type"], FakeCollectorTypes.number(type) != nil else {
            return .error(400, "bad request: unknown profile type")
        }
        guard let body = try? await request.body.collect(upTo: 256 << 20) else { return .error(500, "read") }
        let bytes = Array(body.readableBytesView)
        if type != "trace" {
            guard let facts = try? Self.decoder.facts(of: bytes) else {
                return .error(400, "malformed profile (could not parse pprof profile)")
            }
            if facts.sampleCount == 0, facts.sampleTypes.contains(where: { $0.valueType.type == "cpu" }) {
                return .error(400, "malformed profile (profile is empty: no samples)")
            }
            if facts.timeNanos > 0 { created = facts.timeNanos }
        }
        let row = collector.write(service: service, type: type, labels: labels, createdAt: created, bytes: bytes)
        return .success { Self.write(row, &$0) }
    }

    // MARK: reads

    private func services() -> Reply {
        let services = collector.read { $0.services }
        guard !services.isEmpty else { return .error(404, "nothing found", type: Self.json) }
        return .success(type: Self.json) { writer in
            writer.array { writer in
                for service in services { writer.string(service) }
            }
        }
    }

    private func find(_ query: QueryItems) -> Reply {
        switch parse(query) {
        case .failure(let refusal): return .error(400, refusal.text)
        case .success(let query):
            let found = collector.read { $0.find(query) }
            guard !found.isEmpty else { return .error(404, "nothing found", type: Self.json) }
            return .success(type: Self.json) { writer in
                writer.array { writer in
                    for row in found { Self.write(row, &writer) }
                }
            }
        }
    }

    private func get(_ tail: Substring) -> Reply {
        let raw = tail.drop { $0 == "/" }
        guard !raw.isEmpty else { return .error(400, "no profile id") }
        // Decoded by the router, and once more by the handler.
        guard let once = PercentDecoding.decode(String(raw)), let id = PercentDecoding.decode(once) else {
            return .error(400, "invalid URL escape")
        }
        let ids = id.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard !ids.contains("") else { return .error(500, "internal server error", type: Self.bytes) }
        let found = ids.compactMap { id in collector.read { $0.profile(id) } }
        if ids.count > 1 { return merged(found) }
        guard let row = found.first else {
            return collector.storage == .s3
                ? .error(500, "failed to get profile by id \"\(id)\"", type: Self.bytes)
                : .error(404, "nothing found", type: Self.bytes)
        }
        return Reply(status: 200, type: Self.bytes, body: row.bytes)
    }

    private func merge(_ items: QueryItems) -> Reply {
        guard case .success(let query) = parse(items) else { return .error(400, "bad request") }
        guard let type = query.type, type != "trace" else {
            return .error(405, "can't merge profiles of \(query.type ?? "unknown") type")
        }
        let found = collector.read { $0.find(query) }
        guard let first = found.first else { return .error(404, "nothing found", type: Self.bytes) }
        return found.count == 1 ? Reply(status: 200, type: Self.bytes, body: first.bytes) : merged(found)
    }

    private func merged(_ rows: [FakeCollectorRow]) -> Reply {
        var merger = ProfileMerger()
        do {
            for row in rows { try merger.add(try Self.decoder.decode(row.bytes)) }
            return Reply(status: 200, type: Self.bytes, body: try merger.finish().gzipped())
        } catch {
            return .error(500, "internal server error", type: Self.bytes)
        }
    }

    // MARK: parameters and forms

    private struct Refusal: Error { let text: String }

    private func parse(_ query: QueryItems) -> Result<FakeCollectorStorage.Query, Refusal> {
        guard let service = query["service"], !service.isEmpty else {
            return .failure(Refusal(text: #"bad request: missing "service""#))
        }
        guard let labels = FakeCollectorLabels.parse(query["labels"] ?? "") else {
            return .failure(Refusal(text: #"bad request: bad "labels""#))
        }
        var times: [Int64] = []
        for name in ["from", "to"] {
            guard let text = query[name], !text.isEmpty else {
                return .failure(Refusal(text: "bad request: missing \"\(name)\""))
            }
            guard let time = Self.time(text) else {
                return .failure(Refusal(text: "bad request: bad \"\(name)\" timestamp"))
            }
            times.append(time)
        }
        guard let limit = Int(query["limit"] ?? "0") else {
            return .failure(Refusal(text: #"bad request: bad "limit""#))
        }
        guard times[0] <= times[1] else {
            return .failure(Refusal(text: "bad request: CreatedAtMin after CreatedAtMax"))
        }
        let type = query["type"].flatMap { FakeCollectorTypes.number($0) == nil ? nil : $0 }
        return .success(
            FakeCollectorStorage.Query(
                service: service, type: type, labels: labels, from: times[0], to: times[1], limit: limit))
    }

    /// `2006-01-02T15:04:05`, with a fraction or without, and nothing else.
    private static func time(_ text: String) -> Int64? {
        guard text.utf8.count >= 19, !text.hasSuffix("Z"),
            !text.dropFirst(11).contains(where: { $0 == "-" || $0 == "+" })
        else { return nil }
        return Timestamp(rfc3339: text + "Z")?.nanosecondsSince1970
    }

    private static func write(_ row: FakeCollectorRow, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("id", row.id)
            writer.field("type", row.type)
            writer.field("service", row.service)
            if !row.labels.isEmpty {
                writer.array("labels") { writer in
                    for (key, value) in row.labels {
                        writer.object { writer in
                            writer.field("key", key)
                            writer.field("value", value)
                        }
                    }
                }
            }
            writer.field("created_at", (Timestamp(seconds: row.second) ?? .earliest).rfc3339())
        }
    }
}
