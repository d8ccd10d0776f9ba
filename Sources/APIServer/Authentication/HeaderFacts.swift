internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import NIOHTTP1

/// What the steps of the chain read from a request's header fields; read once for all requests that share them.
final class HeaderFacts: Sendable {
    /// The `Audit-Id` that the client gave, if it may be taken.
    let auditID: String?
    /// Of `Authorization`.
    let token: BearerToken?
    /// Whether there are `Impersonate-…` headers.
    let asksToImpersonate: Bool
    /// The fields without ``IdentityHeaders/usual``.
    let withoutCredentials: RequestFields
    /// Who sends the requests that share the fields.
    let sender = SenderMemo()
    private let name = NIOLockedValueBox<[UInt8]?>(nil)

    init(_ headers: HTTPHeaders) {
        auditID = AuditIDs.sent(in: headers)
        token = BearerToken(of: headers)
        asksToImpersonate = Impersonation.isAsked(headers)
        withoutCredentials = RequestFields(IdentityHeaders.usual.removed(from: headers) ?? headers)
    }

    /// What the token is remembered by: `make` is called once.
    func tokenName(_ make: () -> [UInt8]) -> [UInt8] {
        name.withLockedValue { name in
            if let name { return name }
            let made = make()
            name = made
            return made
        }
    }
}

extension HTTPRequest {
    /// What its fields say.
    var facts: HeaderFacts { fields.facts { HeaderFacts($0) } }
}
