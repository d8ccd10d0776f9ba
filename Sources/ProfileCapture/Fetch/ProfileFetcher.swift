internal import APIMachinery
public import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
public import Pprof
public import ProfileStore

/// Takes one profile from one target: GET only, no redirects, only the pod's own address, deadline and byte limits.
public struct ProfileFetcher: Sendable {
    /// The bounds of one fetch.
    public struct Limits: Sendable {
        /// The answer as sent: 64 MiB.
        public var packedBytes = 64 << 20
        /// What is read of an answer that is no profile, to tell what it said.
        var errorBytes = 4096
        /// How long connecting may take.
        public var connect = Duration.seconds(5)
        /// How long the answer may take beyond the profile's own duration.
        public var grace = Duration.seconds(20)
        /// The limits of `api.md` 4.
        public init() {}
    }

    /// What was fetched.
    public struct Fetched: Sendable {
        /// As received.
        public var bytes: [UInt8]
        /// nil for a trace.
        public var facts: ProfileFacts?
    }

    private let client: HTTPClient
    private let decoder: ProfileDecoder
    private let limits: Limits

    /// - Parameters:
    ///   - client: follows no redirects and knows no proxies; its TLS says whose certificates are believed. A pod is reached by its
    ///     address, which its certificate must be valid for.
    ///   - decoder: checks what arrives.
    ///   - limits: the bounds of one fetch.
    public init(client: HTTPClient, decoder: ProfileDecoder, limits: Limits = Limits()) {
        self.client = client
        self.decoder = decoder
        self.limits = limits
    }

    /// Fetches and checks one profile.
    ///
    /// - Throws: ``CaptureError`` with the reason; never returns bytes that are no profile of `type`.
    public func fetch(_ type: ProfileType, from target: CaptureTarget, _ spec: CaptureSpec) async throws(CaptureError)
        -> Fetched
    {
        let path = Self.requestTarget(type, target, spec)
        let place = Self.url(target, path)
        let waiting = Self.isTimed(type, spec) ? spec.duration : .zero
        let request = ClientRequest(
            method: .GET, scheme: target.scheme == .https ? .https : .http, host: target.host, port: target.port,
            target: path, headers: ["Accept": "application/octet-stream, */*", "User-Agent": "profefe-apiserver"],
            body: nil,
            deadlines: .init(
                connect: limits.connect, head: waiting + limits.grace, idle: waiting + limits.grace,
                total: waiting + limits.grace * 2))
        let (status, body) = try await get(request, place)
        try Self.check(status, body, place)
        return Fetched(bytes: body, facts: try facts(body, type, place))
    }

    private static func url(_ target: CaptureTarget, _ path: String) -> String {
        let host = target.host.contains(":") ? "[\(target.host)]" : target.host
        return "\(target.scheme == .https ? "https" : "http")://\(host):\(target.port)\(path)"
    }

    private func get(_ request: ClientRequest, _ place: String) async throws(CaptureError) -> (
        status: UInt, body: [UInt8]
    ) {
        do throws(TransportError) {
            let response = try await client.execute(request)
            let status = response.head.status.code
            guard status == 200 else { return (status, await beginning(of: response)) }
            return (status, Array(try await response.collect(upTo: limits.packedBytes).readableBytesView))
        } catch {
            throw Self.translate(error, place, limits)
        }
    }

    /// The first bytes of an answer that is an error anyway.
    private func beginning(of response: ClientResponse) async -> [UInt8] {
        guard let first = (try? await response.next()) ?? nil else { return [] }
        return Array(first.readableBytesView.prefix(limits.errorBytes))
    }

    /// Path and query of the request: `/debug/pprof/profile?seconds=30`.
    static func requestTarget(_ type: ProfileType, _ target: CaptureTarget, _ spec: CaptureSpec) -> String {
        let name = type == .cpu ? "profile" : type.rawValue
        let query = isTimed(type, spec) ? "?seconds=\(spec.duration.components.seconds)" : ""
        return "\(target.path)/\(name)\(query)"
    }

    private static func isTimed(_ type: ProfileType, _ spec: CaptureSpec) -> Bool {
        type == .cpu || type == .trace || (spec.delta && type != .threadcreate)
    }

    private func facts(_ bytes: [UInt8], _ type: ProfileType, _ place: String) throws(CaptureError) -> ProfileFacts? {
        guard type.isPprof else {
            guard bytes.starts(with: Array("go 1.".utf8)) else {
                throw CaptureError(
                    .badProfile, "GET \(place): not an execution trace: it does not begin with \"go 1.\"")
            }
            return nil
        }
        do throws(PprofError) {
            return try decoder.facts(of: bytes)
        } catch {
            let code: CaptureError.Code = Self.sizeFaults.contains(error.code) ? .tooLarge : .badProfile
            throw CaptureError(code, "GET \(place): \(error)")
        }
    }

    private static let sizeFaults: Set<PprofError.Code> = [.packedTooLarge, .unpackedTooLarge, .limitExceeded]

    private static func check(_ status: UInt, _ body: [UInt8], _ place: String) throws(CaptureError) {
        let text = excerpt(body)
        let said = text.isEmpty ? "" : ": \(text)"
        switch status {
        case 200: return
        case 401, 403: throw CaptureError(.unauthorized, "GET \(place): \(status)\(said)")
        case 404: throw CaptureError(.notFound, "GET \(place): 404\(said)")
        case 429: throw CaptureError(.profilerBusy, "GET \(place): 429\(said)")
        case 500...599 where text.contains("already in use") || text.contains("already enabled"):
            throw CaptureError(.profilerBusy, "GET \(place): \(status)\(said)")
        case 502, 503, 504: throw CaptureError(.connectionRefused, "GET \(place): \(status)\(said)")
        case 300..<400: throw CaptureError(.notFound, "GET \(place): \(status): redirects are not followed")
        case let code: throw CaptureError(.notFound, "GET \(place): \(code), no pprof endpoint\(said)")
        }
    }

    /// The first line of an error text, without control characters, at most 200 bytes.
    private static func excerpt(_ body: [UInt8]) -> String {
        let line = body.prefix(200).prefix { $0 != 0x0a && $0 != 0x0d }
        return String(decoding: line.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }

    private static func translate(_ error: TransportError, _ place: String, _ limits: Limits) -> CaptureError {
        let text = "GET \(place): \(error.message)"
        switch error.code {
        case .timedOut: return CaptureError(.timeout, text)
        case .bodyTooLarge: return CaptureError(.tooLarge, "\(text) (limit \(limits.packedBytes) bytes)")
        case .cancelled: return CaptureError(.cancelled, text)
        case .protocolViolation, .headersTooLarge: return CaptureError(.notFound, "\(text): no pprof endpoint")
        case .configuration, .unsupported: return CaptureError(.invalidTarget, text)
        default: return CaptureError(.connectionRefused, text)
        }
    }
}
