public import APIMachinery
public import HTTPTransport
public import NIOCore
internal import NIOHTTP1

/// A client of the HTTP API of one profefe collector.
///
/// It asks only what every storage of a collector answers rightly: by service, type and time, never by labels, and by whole ids. Every
/// answer has a deadline and a limit of its size; connections are bounded, those of searches and those of profiles each for themselves,
/// so that neither waits for the other. A search or a read that a kept connection lost is sent again, a profile never.
public final class CollectorClient: Sendable {
    /// The bounds of a client.
    public struct Limits: Sendable, Hashable {
        /// Searches at a time. Default 4.
        public var searches = 4
        /// Profiles that are read or sent at a time. Default 16.
        public var transfers = 16
        /// How many more may wait for their turn, of each kind. Default 1000.
        public var waiting = 1000
        /// Bytes of the answer of a search. Default 16 MiB.
        public var answerBytes = 16 << 20
        /// Bytes of a profile. Default 64 MiB.
        public var profileBytes = 64 << 20
        /// Resolving, connecting, handshake. Default 5 s.
        public var connect = Duration.seconds(5)
        /// How long the collector may be silent. Default 15 s.
        public var silence = Duration.seconds(15)
        /// How long a search may take. Default 60 s.
        public var search = Duration.seconds(60)
        /// How long the transfer of a profile may take. Default 120 s.
        public var transfer = Duration.seconds(120)
        /// The defaults.
        public init() {}
    }

    /// Where the collector is.
    public let address: CollectorAddress
    /// The bounds.
    public let limits: Limits
    private let http: HTTPClient
    private let searches: TurnGate
    private let transfers: TurnGate

    /// Makes a client; nothing is connected yet.
    public init(
        _ address: CollectorAddress, tls: ClientTLSConfiguration = ClientTLSConfiguration(), limits: Limits = Limits(),
        group: any EventLoopGroup
    ) {
        self.address = address
        self.limits = limits
        http = HTTPClient(
            group: group,
            configuration: HTTPClientConfiguration(
                tls: tls, idleConnectionsPerOrigin: limits.searches + limits.transfers))
        searches = TurnGate(places: limits.searches, waiting: limits.waiting)
        transfers = TurnGate(places: limits.transfers, waiting: limits.waiting)
    }

    /// Closes the connections; later calls throw `.unreachable`.
    public func shutdown() async { await http.shutdown() }

    // MARK: questions

    /// The services that the collector has profiles of; empty where there is none.
    public func services() async throws(CollectorError) -> [String] {
        guard let envelope = try await search("services") else { return [] }
        return try Self.reading("services") { () throws(WireError) in try envelope.services() }
    }

    /// The profiles of a service, a type and a time: at most `query.limit` of them, see ``CollectorSearch`` for all.
    ///
    /// In the order of their seconds, as the collector sends them. Empty where there is none.
    public func find(_ query: CollectorQuery) async throws(CollectorError) -> [CollectorProfile] {
        guard let envelope = try await search("profiles?\(query.parameters)") else { return [] }
        let found = try Self.reading("profiles") { () throws(WireError) in try envelope.profiles() }
        if let stranger = found.first(where: { !query.covers($0) }) {
            throw CollectorError(
                .garbage,
                "a search for \(query) was answered with profile \(stranger.id.prefix(100)) of service "
                    + "\(stranger.service.prefix(100)), type \(stranger.typeName.prefix(20)), \(stranger.createdAt)")
        }
        return found
    }

    /// The bytes of a profile, as they were sent to the collector.
    ///
    /// - Throws: `.notFound` if the collector says so; `.configuration` for an id that it can't be asked for.
    public func profile(_ id: CollectorID) async throws(CollectorError) -> [UInt8] {
        guard id.isReachable else {
            throw CollectorError(
                .configuration, "the id \(id.text.prefix(200)) has a \"+\", which the collector takes for a separator")
        }
        let path = "profiles/\(id.pathSegment)"
        let request = request(.GET, path, total: limits.transfer)
        return try await transfers.turn(for: "GET \(path)") { () async throws(CollectorError) in
            let (status, body) = try await self.execute(request, upTo: self.limits.profileBytes)
            guard status == 200 else { throw Self.failure(status, body, "GET \(path)") }
            return Array(body.readableBytesView)
        }
    }

    /// Sends a profile; what comes back is its metadata as the collector keeps it.
    ///
    /// Not repeated: a collector keeps the same profile twice if it is sent twice. After `.unreachable` or `.timeout` it may have kept it.
    ///
    /// - Parameter createdAt: counts only where the profile doesn't say its own time.
    public func create(
        _ bytes: ByteBuffer, service: String, type: CollectorType, labels: CollectorLabels, createdAt: Timestamp?
    ) async throws(CollectorError) -> CollectorProfile {
        var parameters = "service=\(URLEscaping.escape(service))&type=\(type.name)"
        let text = labels.parameter
        if !text.isEmpty { parameters += "&labels=\(URLEscaping.escape(text))" }
        if let createdAt { parameters += "&created_at=\(URLEscaping.escape(CollectorTime.text(createdAt)))" }
        var request = request(.POST, "profiles?\(parameters)", total: limits.transfer)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.body = bytes
        let message = request
        return try await transfers.turn(for: "POST profiles") { () async throws(CollectorError) in
            let (status, body) = try await self.execute(message, upTo: self.limits.answerBytes)
            guard status == 200 else { throw Self.failure(status, body, "POST profiles") }
            return try Self.reading("POST profiles") { () throws(WireError) in
                try CollectorEnvelope(Array(body.readableBytesView)).profile()
            }
        }
    }

    // MARK: exchanges

    /// The envelope of a question; nil for "nothing found", which is a 404 of the collector's own, or a 204.
    private func search(_ target: String) async throws(CollectorError) -> CollectorEnvelope? {
        let request = request(.GET, target, total: limits.search)
        let (status, body) = try await searches.turn(for: "GET \(target)") { () async throws(CollectorError) in
            try await self.execute(request, upTo: self.limits.answerBytes)
        }
        if status == 204 { return nil }
        guard status == 200 else {
            let failure = Self.failure(status, body, "GET \(target)")
            if failure.code == .notFound { return nil }
            throw failure
        }
        return try Self.reading("GET \(target)") { () throws(WireError) in
            try CollectorEnvelope(Array(body.readableBytesView))
        }
    }

    private func request(_ method: HTTPMethod, _ target: String, total: Duration) -> ClientRequest {
        ClientRequest(
            method: method, scheme: address.scheme, host: address.host, port: address.port,
            target: "\(address.basePath)/api/0/\(target)",
            headers: ["Accept": "*/*", "User-Agent": "profefe-apiserver"],
            deadlines: ClientDeadlines(
                connect: min(limits.connect, total), head: min(limits.silence, total),
                idle: min(limits.silence, total), total: total))
    }

    private func execute(
        _ request: ClientRequest, upTo limit: Int
    ) async throws(CollectorError) -> (status: Int, body: ByteBuffer) {
        do throws(TransportError) {
            let response = try await http.execute(request)
            return (Int(response.head.status.code), try await response.collect(upTo: limit))
        } catch {
            throw CollectorError(error, "\(request.method) \(address)\(Self.path(request.target))")
        }
    }

    /// Without parameters, which may be long.
    private static func path(_ target: String) -> Substring { target.prefix { $0 != "?" }.prefix(300) }

    private static func reading<Value>(
        _ what: String, _ read: () throws(WireError) -> Value
    ) throws(CollectorError) -> Value {
        do throws(WireError) {
            return try read()
        } catch {
            throw CollectorError(.garbage, "\(path(what)): \(error.message)")
        }
    }

    /// What an answer that is no success means. A refusal is the collector's own only with its envelope: anybody else's 404, 403 or 400
    /// says nothing of what the collector has or takes.
    private static func failure(_ status: Int, _ body: ByteBuffer, _ what: String) -> CollectorError {
        let place = path(what)
        guard let envelope = try? CollectorEnvelope(Array(body.readableBytesView)), envelope.code == status else {
            let text = String(decoding: body.readableBytesView.prefix(200), as: UTF8.self)
            let message = "\(place): \(status), and no answer of profefe's: \(printable(text))"
            // Somebody before the collector. What he says of sizes is about the request, all else is not.
            let isAnswer = status >= 500 || [413, 414, 429].contains(status)
            return CollectorError(isAnswer ? .refused : .garbage, message, status: status)
        }
        let said = printable(String((envelope.error ?? "").prefix(300)))
        return CollectorError(status == 404 ? .notFound : .refused, "\(place): \(status): \(said)", status: status)
    }

    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }
}

extension CollectorError {
    /// What a failure of the transport means for the question.
    fileprivate init(_ error: TransportError, _ what: String) {
        let code: Code =
            switch error.code {
            case .timedOut: .timeout
            case .badCertificate: .untrusted
            case .bodyTooLarge: .tooLarge
            case .cancelled: .cancelled
            case .protocolViolation, .headersTooLarge, .unsupported: .garbage
            case .configuration: .configuration
            case .overloaded: .overloaded
            default: .unreachable
            }
        self.init(code, "\(what): \(error.message)")
    }
}
