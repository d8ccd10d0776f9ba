internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Writes what exchanges end with, and notes it in them: the answer of an endpoint, whole or as a stream, or the refusal that an error
/// stands for.
struct AnswerWriter: Sendable {
    /// Nil where refusals are Kubernetes' own.
    private(set) var dialect: (any RequestDialect)?
    let metrics: RequestMetrics
    let auditor: Auditor?
    let clock: RequestClock

    /// The same with refusals that `dialect` writes.
    func speaking(_ dialect: any RequestDialect) -> AnswerWriter {
        var writer = self
        writer.dialect = dialect
        return writer
    }

    /// The head of an answer that has the whole of its body.
    func head(
        of answer: APIResponse, _ body: ByteBuffer, _ exchange: inout Exchange
    ) -> HTTPTransport.HTTPResponseHead {
        exchange.series?.sizes.observe(Double(body.readableBytes))
        exchange.context?.audit?.answered(answer)
        return exchange.head(answer)
    }

    /// What is answered in the place of `error`: see ``ErrorBoundary``.
    func refuse(
        _ error: any Error, _ exchange: inout Exchange
    ) -> (HTTPTransport.HTTPResponseHead, ByteBuffer) {
        var refusal = ErrorBoundary.refusal(error)
        if let dialect { refusal = dialect.refusal(refusal, of: exchange.info) }
        exchange.refusal = refusal
        if let series = exchange.series, refusal.code == 429 || refusal.code == 504 {
            metrics.countTermination(series, code: UInt(refusal.code))
        }
        if let dialect {
            let answer = dialect.response(refusal, to: exchange.http.head)
            return (exchange.head(answer.status, answer.headers), ByteBuffer(bytes: answer.body))
        }
        let (status, headers, body) = ErrorBoundary.response(
            refusal, to: exchange.http.head, query: exchange.context?.query ?? QueryItems())
        return (exchange.head(status, headers), body)
    }

    /// Writes an answer; a stream to its end, or until the deadline.
    func write(
        _ answer: APIResponse, _ writer: consuming ResponseWriter, until deadline: NIODeadline,
        _ exchange: inout Exchange
    ) async {
        switch answer.body {
        case .bytes(let buffer):
            writer.send(head(of: answer, buffer, &exchange), body: buffer)
        case .stream(let write):
            let head = exchange.head(answer)
            exchange.context?.audit?.answered(answer)
            // A child can't be given a noncopyable value, but it can take one out of here.
            let slot = Mutex<ResponseWriter?>(writer)
            let record = exchange.info?.isLongRunning == true ? exchange.context?.audit : nil
            let result = await DeadlineRace.run(until: deadline, clock: clock) { [auditor] () -> (any Error)? in
                do {
                    guard let writer = slot.withLock({ $0.take() }) else { return nil }
                    // Dropped by a throw, the writer of the body aborts the stream.
                    let body = try await writer.start(head)
                    if let record, let event = auditor?.started(record, code: answer.status.code) {
                        await auditor?.finish(event)
                    }
                    try await write(body)
                    try await body.finish()
                    return nil
                } catch {
                    return error
                }
            }
            exchange.broken = result ?? StatusError.timeout("the answer was not complete in time")
        }
    }
}
