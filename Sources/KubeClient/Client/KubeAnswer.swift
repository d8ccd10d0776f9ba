import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1

/// What kube-apiserver's answers mean.
enum KubeAnswer {
    /// Bytes above which an answer is decoded away from the caller's thread, which may be an event loop.
    private static let largeBody = 16 << 10
    /// Bytes of a refusal that are read.
    private static let refusalLimit = 64 << 10

    /// The object of a success.
    static func object(_ body: ByteBuffer, _ request: KubeRequest) async -> Result<JSONValue, KubeFailure> {
        let limits = JSONLimits(bytes: request.answerLimit)
        let bytes = Array(body.readableBytesView)
        do throws(JSONError) {
            guard bytes.count > largeBody else { return .success(try JSONValue.parse(bytes, limits: limits)) }
            return .success(
                try await offEventLoop { () throws(JSONError) -> JSONValue in try .parse(bytes, limits: limits) })
        } catch {
            return .failure(
                KubeFailure(
                    KubeClientError(.badAnswer, "\(name(request)): the answer is no JSON: \(error)"), .broken))
        }
    }

    /// The error of any other answer.
    static func refusal(_ response: ClientResponse, _ request: KubeRequest) async -> KubeFailure {
        let code = Int(response.head.status.code)
        var bytes: [UInt8] = []
        do throws(TransportError) {
            bytes = Array(try await response.collect(upTo: refusalLimit).readableBytesView)
        } catch {
            // The status says enough.
        }
        let status = (try? JSONValue.parse(bytes)).flatMap { $0["kind"]?.stringValue == "Status" ? $0 : nil }
        let wait = retryAfter(response.head.headers, status)
        let text = status?["message"]?.stringValue ?? excerpt(bytes)
        let error = KubeClientError(
            code == 410 ? .expired : .refused,
            "\(name(request)): \(code) \(response.head.status.reasonPhrase)\(text.isEmpty ? "" : ": \(text)")",
            status: code, reason: StatusReason(stringLiteral: status?["reason"]?.stringValue ?? ""), retryAfter: wait)
        return KubeFailure(error, kind(code, wait))
    }

    private static func kind(_ code: Int, _ wait: Duration?) -> KubeFailure.Kind {
        switch code {
        case 401: .unauthenticated
        case 429: .later
        case 503: wait == nil ? .serverError : .later
        case 500, 502, 504: .serverError
        default: .final
        }
    }

    /// `Retry-After` in seconds, else the Status' `details.retryAfterSeconds`; at most an hour.
    private static func retryAfter(_ headers: HTTPHeaders, _ status: JSONValue?) -> Duration? {
        let seconds =
            headers.first(name: "retry-after").flatMap { Int64($0) }
            ?? status?["details"]?["retryAfterSeconds"]?.integerValue
        guard let seconds, seconds >= 0 else { return nil }
        return .seconds(min(seconds, 3600))
    }

    private static func name(_ request: KubeRequest) -> String { "\(request.method.rawValue) \(request.path)" }

    /// The beginning of a text that is no Status, on one line.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}
