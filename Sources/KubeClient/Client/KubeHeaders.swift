import APIMachinery
import Digests
import HTTPTransport
import Logging
import NIOConcurrencyHelpers
import NIOHTTP1

/// The header fields that say who we are.
final class KubeHeaders: Sendable {
    private let fixed: HTTPHeaders
    private let token: RotatingFile?

    init(config: KubeConfig, userAgent: String, clock: SteadyClock, logger: Logger) {
        var fields: HTTPHeaders = ["Accept": "application/json", "User-Agent": userAgent]
        switch config.credential {
        case .none: token = nil
        case .token(let text):
            fields.add(name: "Authorization", value: "Bearer \(text)")
            token = nil
        case .basic(let user, let password):
            fields.add(name: "Authorization", value: "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))")
            token = nil
        case .tokenFile(let path):
            token = RotatingFile(path, what: "token file", clock: clock, logger: logger)
        }
        if let impersonation = config.impersonation { fields.add(contentsOf: impersonation.fields) }
        fixed = fields
    }

    /// The fields of a request made now.
    func fields() async throws(KubeClientError) -> HTTPHeaders {
        guard let token else { return fixed }
        let text = String(decoding: try await token.bytes(), as: UTF8.self).trimmed
        guard !text.isEmpty else {
            throw KubeClientError(.configuration, "token file \(token.path) is empty")
        }
        var fields = fixed
        fields.add(name: "Authorization", value: "Bearer \(text)")
        return fields
    }

    /// Reads the token again; whether it is another one now.
    func renew() async -> Bool { await token?.renew() ?? false }
}

extension Impersonation {
    /// Groups, uid and extras count only with a user, as kube-apiserver has it.
    fileprivate var fields: HTTPHeaders {
        var fields: HTTPHeaders = ["Impersonate-User": user]
        if !uid.isEmpty { fields.add(name: "Impersonate-Uid", value: uid) }
        for group in groups { fields.add(name: "Impersonate-Group", value: group) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            // What is no letter of a field's name is percent-encoded (RFC 9110 §5.6.2).
            let name = "Impersonate-Extra-\(PercentEncoding.query(key))"
            for value in values { fields.add(name: name, value: value) }
        }
        return fields
    }
}
