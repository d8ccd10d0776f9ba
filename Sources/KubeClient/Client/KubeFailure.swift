import HTTPTransport
import NIOHTTP1

/// An error, and what it means for another try.
struct KubeFailure: Error, Sendable {
    enum Kind: Sendable, Hashable {
        /// Trying again doesn't help.
        case final
        /// kube-apiserver never saw the request.
        case notSent
        /// It may have carried it out.
        case broken
        /// 500, 502, 504.
        case serverError
        /// It asks to come back later: 429, and 503 with a Retry-After. It has done nothing.
        case later
        /// 401.
        case unauthenticated
    }

    let error: KubeClientError
    let kind: Kind

    init(_ error: KubeClientError, _ kind: Kind) {
        self.error = error
        self.kind = kind
    }

    /// An exchange that failed.
    init(_ fault: TransportError, _ request: KubeRequest, server: KubeEndpoint) {
        let what = "\(request.method.rawValue) \(request.path) at \(server): \(fault.message)"
        switch fault.code {
        // The peer's reset of a stream has the same code.
        case .cancelled where Task.isCancelled: self.init(KubeClientError(.cancelled, what), .final)
        case .timedOut: self.init(KubeClientError(.timedOut, what), .broken)
        case .connectionRefused, .hostUnreachable, .handshakeFailed, .badCertificate, .overloaded:
            self.init(KubeClientError(.unreachable, what), .notSent)
        case .configuration, .unsupported: self.init(KubeClientError(.configuration, what), .final)
        case .bodyTooLarge, .headersTooLarge: self.init(KubeClientError(.badAnswer, what), .final)
        case .protocolViolation: self.init(KubeClientError(.badAnswer, what), .broken)
        default: self.init(KubeClientError(.unreachable, what), .broken)
        }
    }

    func isRepeatable(under policy: RetryPolicy) -> Bool {
        switch kind {
        case .final, .unauthenticated: false
        case .later: true
        case .notSent: policy.repeatsUnsent
        case .broken: policy.repeatsBroken
        case .serverError: policy.repeatsServerErrors
        }
    }
}

extension Result where Failure == KubeFailure {
    /// The value, or the error without what it means.
    func error() throws(KubeClientError) -> Success {
        switch self {
        case .success(let value): return value
        case .failure(let failure): throw failure.error
        }
    }
}
