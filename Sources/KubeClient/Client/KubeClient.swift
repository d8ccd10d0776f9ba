public import APIMachinery
import HTTPTransport
public import Logging
public import NIOCore
import NIOHTTP1

/// A client of one kube-apiserver under one identity.
///
/// Each purpose has its own rate limit; what may be repeated is, within the request's deadline. Tokens and certificates are read again as
/// their files change.
public final class KubeClient: Sendable {
    /// Where it talks to, and as whom.
    public let config: KubeConfig
    let clock: SteadyClock
    let random: @Sendable () -> Double
    private let connector: KubeConnector
    private let headers: KubeHeaders
    private let limiters: [RequestPurpose: RateLimiter]
    private let logger: Logger

    /// Makes a client; nothing is read or connected yet.
    ///
    /// - Parameters:
    ///   - userAgent: `profefe-apiserver/1.0 (linux/amd64)`.
    ///   - group: where its connections live.
    ///   - limits: of each purpose.
    ///   - random: 0 to 1, for jitter.
    public init(
        config: KubeConfig, userAgent: String, group: any EventLoopGroup,
        limits: (RequestPurpose) -> RateLimit = RateLimit.standard, clock: SteadyClock = .continuous,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger
    ) {
        self.config = config
        self.clock = clock
        self.random = random
        self.logger = logger
        connector = KubeConnector(config: config, group: group, logger: logger)
        headers = KubeHeaders(config: config, userAgent: userAgent, clock: clock, logger: logger)
        limiters = Dictionary(
            uniqueKeysWithValues: RequestPurpose.allCases.map { ($0, RateLimiter(limits($0), clock: clock)) })
    }

    /// Closes its connections; later requests fail with `.unreachable`.
    public func shutdown() async { await connector.shutdown() }

    /// Sends a request and reads its whole answer.
    ///
    /// - Throws: `.unreachable`, `.timedOut`, `.refused` and `.expired` with the message of the Status, `.badAnswer`,
    ///   `.configuration`, `.cancelled`.
    public func send(_ request: KubeRequest) async throws(KubeClientError) -> JSONValue {
        let end = clock.now + request.deadline
        let result: Result<JSONValue, KubeFailure> = await repeating(request, until: end) { left in
            await self.once(request, within: left)
        }
        return try result.error()
    }

    /// Sends a request whose answer is read as it comes; `deadlines.total` is the request's.
    func open(_ request: KubeRequest, silence: Duration) async throws(KubeClientError) -> ClientResponse {
        let end = clock.now + request.deadline
        let result: Result<ClientResponse, KubeFailure> = await repeating(request, until: end) { left in
            await self.answer(request, within: left, silence: silence)
        }
        return try result.error()
    }

    // MARK: again and again

    private func repeating<Answer>(
        _ request: KubeRequest, until end: Duration, _ attempt: (Duration) async -> Result<Answer, KubeFailure>
    ) async -> Result<Answer, KubeFailure> {
        var attempts = 1
        var renewed = false
        while true {
            if let late = await waitForTurn(request, until: end) { return .failure(late) }
            let result = await attempt(max(end - clock.now, .milliseconds(1)))
            guard case .failure(let failure) = result else { return result }
            // A token that was rotated away: once more with the new one, which counts as no attempt.
            if failure.kind == .unauthenticated, !renewed, await headers.renew() {
                renewed = true
                continue
            }
            guard attempts < request.retries.attempts, failure.isRepeatable(under: request.retries),
                await pause(request, failure, attempts, until: end)
            else { return result }
            attempts += 1
        }
    }

    private func waitForTurn(_ request: KubeRequest, until end: Duration) async -> KubeFailure? {
        guard let limiter = limiters[request.purpose] else { return nil }
        do throws(KubeClientError) {
            try await limiter.wait(until: end)
            return nil
        } catch {
            return KubeFailure(error, .final)
        }
    }

    /// False if there is no time for another try.
    private func pause(_ request: KubeRequest, _ failure: KubeFailure, _ failures: Int, until end: Duration) async
        -> Bool
    {
        let backoff = request.retries.backoff.delay(afterFailures: failures, chance: random())
        let delay = max(backoff, failure.error.retryAfter ?? .zero)
        guard clock.now + delay < end else { return false }
        logger.debug(
            "a request to kube-apiserver is tried again",
            metadata: ["path": "\(request.path)", "failure": "\(failure.error)", "after": "\(delay)"])
        do throws(KubeClientError) {
            try await clock.sleep(for: delay)
            return true
        } catch {
            return false
        }
    }

    // MARK: once

    private func once(_ request: KubeRequest, within left: Duration) async -> Result<JSONValue, KubeFailure> {
        switch await answer(request, within: left, silence: left) {
        case .failure(let failure): return .failure(failure)
        case .success(let response):
            let bytes: ByteBuffer
            do throws(TransportError) {
                bytes = try await response.collect(upTo: request.answerLimit)
            } catch {
                return .failure(KubeFailure(error, request, server: config.server))
            }
            return await KubeAnswer.object(bytes, request)
        }
    }

    /// The answer's head, if it is a success.
    private func answer(_ request: KubeRequest, within left: Duration, silence: Duration) async -> Result<
        ClientResponse, KubeFailure
    > {
        let message: ClientRequest
        do throws(KubeClientError) {
            message = try await self.message(request, within: left, silence: silence)
        } catch {
            return .failure(KubeFailure(error, .final))
        }
        do throws(TransportError) {
            let response = try await connector.http.execute(message)
            if (200..<300).contains(response.head.status.code) { return .success(response) }
            return .failure(await KubeAnswer.refusal(response, request))
        } catch {
            if error.code == .badCertificate || error.code == .handshakeFailed { await connector.recheck() }
            return .failure(KubeFailure(error, request, server: config.server))
        }
    }

    private func message(_ request: KubeRequest, within left: Duration, silence: Duration) async throws(KubeClientError)
        -> ClientRequest
    {
        var fields = try await headers.fields()
        var body: ByteBuffer?
        if let json = request.body {
            fields.add(name: "Content-Type", value: request.contentType)
            body = ByteBuffer(bytes: json.encoded())
        }
        return ClientRequest(
            method: request.method, scheme: config.server.isTLS ? .https : .http, host: config.server.host,
            port: config.server.port, target: config.server.basePath + request.target, headers: fields, body: body,
            deadlines: ClientDeadlines(
                connect: min(left, .seconds(10)), head: min(left, .seconds(60)), idle: min(left, silence), total: left))
    }
}
