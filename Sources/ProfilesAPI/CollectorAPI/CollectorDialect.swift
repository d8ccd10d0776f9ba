internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOHTTP1
internal import ProfefeCollector

/// What the requests of profefe's API mean in Kubernetes' words:
///
/// | call | means |
/// |---|---|
/// | `POST /api/0/profiles` | create profileservices/profiles, in the namespace of the label `namespace` |
/// | `GET /api/0/profiles`, `/merge` | list profiles |
/// | `GET /api/0/profiles/ID` | get profiles |
/// | `GET /api/0/services` | list profileservices |
/// | `GET /api/0/version` | get `/version` |
///
/// The namespace of a service account's token goes before the label. Reads are of all namespaces; see ``CollectorAuthorizer``.
struct CollectorDialect: RequestDialect {
    let unscopedNamespace: String

    /// What stands for `/api/0/version` where rights are asked for: whoever may know the one may know the other.
    static let version = "/version"

    /// The meaning; 404 for other paths, 405 for methods that profefe answers with 200 without doing anything.
    func info(_ method: HTTPMethod, _ target: RequestTarget, _ query: QueryItems) throws -> RequestInfo {
        guard let call = CollectorCall(path: target.path) else { throw CollectorRefusal.nothingFound }
        guard call.methods.contains(method) else { throw CollectorRefusal.methodNotAllowed(method.rawValue) }
        switch call {
        case .profiles where method == .POST:
            return resource(
                target, "create", ProfilesGroup.services, "profiles", namespace(query), name: query["service"] ?? "")
        case .profiles, .merge: return resource(target, "list", ProfilesGroup.profiles)
        case .profile: return resource(target, "get", ProfilesGroup.profiles)
        case .services: return resource(target, "list", ProfilesGroup.services)
        case .version: return RequestInfo(path: Self.version, verb: "get")
        }
    }

    /// A service account writes into its own namespace, whatever the label says.
    func info(_ info: RequestInfo, sentBy user: UserInfo) -> RequestInfo? {
        guard info.verb == "create", let own = user.serviceAccountNamespace, own != info.namespace else { return nil }
        return info.inNamespace(own)
    }

    private func namespace(_ query: QueryItems) -> String {
        guard let labels = try? CollectorLabels(parameter: query["labels"] ?? "") else { return unscopedNamespace }
        return CollectorNamespace.of(labels) ?? unscopedNamespace
    }

    private func resource(
        _ target: RequestTarget, _ verb: String, _ resource: String, _ subresource: String = "",
        _ namespace: String = "", name: String = ""
    ) -> RequestInfo {
        RequestInfo(
            path: target.path, verb: verb, groupVersion: ProfilesGroup.groupVersion, resource: resource,
            subresource: subresource, namespace: namespace, name: name)
    }
}

// Refusals.

extension CollectorDialect {
    /// What is answered in the place of a refusal: where a profile is sent and trying again may help, never a 5xx.
    ///
    /// The Go agent tries again after a 5xx, but with a body that it has read already: all tries fail, for minutes, and meanwhile it
    /// takes no other profile. After a 429 it goes on.
    func refusal(_ refusal: StatusError, of info: RequestInfo?) -> StatusError {
        let isUnknown = (refusal.cause as? AuthenticationError)?.code == .unavailable
        let isTransient = isUnknown || refusal.cause is UndecidedAuthorization || [503, 504].contains(refusal.code)
        guard isTransient else { return refusal }
        let message = isUnknown ? "the sender can't be found out now" : refusal.message
        let seconds = refusal.retryAfterSeconds ?? Self.patience
        let error =
            info?.verb == "create"
            ? StatusError.tooManyRequests(message, retryAfter: seconds)
            : StatusError.serviceUnavailable(message, retryAfter: seconds)
        return error.caused(by: refusal.cause ?? refusal)
    }

    /// Seconds after which whoever is refused for now may come back.
    private static let patience = 5

    /// `{"code":404,"error":"nothing found"}`
    func response(_ refusal: StatusError, to head: HTTPTransport.HTTPRequestHead) -> (
        status: HTTPResponseStatus, headers: HTTPHeaders, body: [UInt8]
    ) {
        var headers: HTTPHeaders = ["content-type": "application/json", "x-content-type-options": "nosniff"]
        if let seconds = refusal.retryAfterSeconds { headers.add(name: "retry-after", value: String(seconds)) }
        if refusal.code == 401 { headers.add(name: "www-authenticate", value: "Bearer") }
        if refusal.code == 405, let call = (try? RequestTarget(head.target)).flatMap({ CollectorCall(path: $0.path) }) {
            headers.add(name: "allow", value: call.methods.map(\.rawValue).joined(separator: ", "))
        }
        return (
            HTTPResponseStatus(statusCode: refusal.code), headers,
            CollectorEnvelope.encode(code: refusal.code, error: refusal.message)
        )
    }
}
