import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Answers the requests of a ``FakeKubeAPI``.
struct FakeKubeHandler: HTTPHandler {
    let state: NIOLockedValueBox<FakeKubeAPI.State>

    func handle(_ http: HTTPRequest, _ response: consuming ResponseWriter) async {
        let request = await seen(http)
        let fault = state.change { state -> FakeKubeFault? in
            state.requests.append(request)
            guard let index = state.faults.firstIndex(where: { $0.matches(request) }) else { return nil }
            return state.faults[index].hit()
        }
        if let fault { return await fail(fault, http, response) }
        do throws(StatusError) {
            try checkCaller(request)
            if request.isWatch { return await watch(try watcher(request), request, response) }
            let (code, object) = try answer(request)
            response.send(Self.head(code), body: ByteBuffer(bytes: object.encoded()))
        } catch {
            Self.send(error.status, response)
        }
    }

    private func seen(_ http: HTTPRequest) async -> FakeKubeRequest {
        let (path, query) = QueryItems.split(target: http.head.target)
        var headers: [String: [String]] = [:]
        for (name, value) in http.head.headers { headers[name.lowercased(), default: []].append(value) }
        let body = try? await http.body.collect(upTo: 16 << 20)
        return FakeKubeRequest(
            method: http.head.method.rawValue, path: path, query: query, headers: headers,
            body: body.flatMap { try? JSONValue.parse(Array($0.readableBytesView)) }, connection: http.connection.id,
            certificates: http.connection.tls?.certificates ?? [], httpVersion: http.head.version.description)
    }

    private func checkCaller(_ request: FakeKubeRequest) throws(StatusError) {
        guard let callers = state.withLockedValue({ $0.callers }) else { return }
        let token = request["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
        guard let token, callers.contains(token) else { throw .unauthorized() }
    }

    // MARK: verbs

    private func answer(_ request: FakeKubeRequest) throws(StatusError) -> (Int, JSONValue) {
        switch (request.method, request.path) {
        case ("POST", "/apis/authentication.k8s.io/v1/tokenreviews"):
            return (201, FakeKubeReview.token(try body(request), users: state.withLockedValue { $0.users }))
        case ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"):
            let review = try body(request)
            let decide = state.withLockedValue { $0.access }
            return (201, FakeKubeReview.access(review, decide(review["spec"] ?? [:])))
        case ("GET", "/version"):
            return (200, ["major": "1", "minor": "36", "gitVersion": "v1.36.0-fake"])
        default:
            guard let place = FakeKubePlace(path: request.path) else { throw .resourceNotFound() }
            return try resource(request, place)
        }
    }

    private func resource(_ request: FakeKubeRequest, _ place: FakeKubePlace) throws(StatusError) -> (Int, JSONValue) {
        switch (request.method, place.name.isEmpty) {
        case ("GET", true): return (200, try list(request, place))
        case ("GET", false):
            let found = state.withLockedValue { $0.store.object(place.resource, place.key) }
            guard let found else { throw .notFound(place.resource.groupResource, name: place.name) }
            return (200, found)
        case ("POST", true):
            let object = try body(request)
            return (201, try write { state throws(StatusError) in try state.store.create(object, at: place) })
        case ("PUT", false):
            let object = try body(request)
            return (200, try write { state throws(StatusError) in try state.store.replace(object, at: place) })
        case ("PATCH", false):
            guard request["content-type"] == "application/merge-patch+json" else {
                throw .unsupportedMediaType(["application/merge-patch+json"])
            }
            let patch = try body(request)
            return (200, try write { state throws(StatusError) in try state.store.patch(patch, at: place) })
        case ("DELETE", false): return (200, try delete(request, place))
        default: throw .methodNotAllowed(place.resource.groupResource)
        }
    }

    private func body(_ request: FakeKubeRequest) throws(StatusError) -> JSONValue {
        guard let body = request.body, body.objectValue != nil else { throw .badRequest("the body is no object") }
        return body
    }

    private func write(
        _ change: (inout FakeKubeAPI.State) throws(StatusError) -> FakeKubeStore.Event
    ) throws(StatusError) -> JSONValue {
        let result = state.change { state -> Result<JSONValue, StatusError> in
            do throws(StatusError) { return .success(state.tell(try change(&state))) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func delete(_ request: FakeKubeRequest, _ place: FakeKubePlace) throws(StatusError) -> JSONValue {
        let preconditions = request.body?["preconditions"]
        let deleted = try write { state throws(StatusError) in
            try state.store.delete(
                at: place, uid: preconditions?["uid"]?.stringValue,
                version: preconditions?["resourceVersion"]?.stringValue)
        }
        let status = Status.deleted(
            place.resource.groupResource, name: place.name, uid: deleted["metadata"]?["uid"]?.stringValue ?? "")
        return (try? JSONValue.parse(status.encoded)) ?? [:]
    }

    private func list(_ request: FakeKubeRequest, _ place: FakeKubePlace) throws(StatusError) -> JSONValue {
        let options = try ListOptions(query: request.query)
        let selector = FakeKubeSelector(fields: options.fieldSelector, labels: options.labelSelector)
        let (store, pagesFromCache) = state.withLockedValue { ($0.store, $0.pagesFromCache) }
        let kind = try store.known(place.resource)
        if let snapshot = options.continueToken?.snapshot, snapshot.rawValue < store.oldest { throw .listExpired() }
        if let wanted = options.resourceVersion, wanted.rawValue > store.version {
            throw .tooLargeResourceVersion(wanted, current: ResourceVersion(store.version))
        }
        var found = store.all(place.resource, namespace: place.namespace).filter { selector.matches($0.object) }
        if let after = options.continueToken?.after { found.removeAll { $0.key <= after } }
        let version = options.continueToken?.snapshot ?? ResourceVersion(store.version)
        var metadata = JSONObject([("resourceVersion", .string(version.description))])
        let isPaged = options.resourceVersion?.rawValue != 0 || pagesFromCache
        if isPaged, options.limit > 0, found.count > options.limit {
            found = Array(found.prefix(options.limit))
            if let last = found.last {
                metadata["continue"] = .string(ContinueToken(snapshot: version, after: last.key).encoded)
            }
        }
        return [
            "kind": .string("\(kind.kind)List"), "apiVersion": .string(kind.apiVersion), "metadata": .object(metadata),
            "items": .array(found.map { Self.item($0.object) }),
        ]
    }

    /// Items of a list of JSON say neither kind nor version.
    private static func item(_ object: JSONValue) -> JSONValue {
        var item = object.objectValue ?? JSONObject()
        item["kind"] = nil
        item["apiVersion"] = nil
        return .object(item)
    }

    // MARK: answers

    static func head(_ code: Int, contentType: String = "application/json") -> HTTPTransport.HTTPResponseHead {
        HTTPTransport.HTTPResponseHead(
            status: HTTPResponseStatus(statusCode: code),
            headers: ["Content-Type": contentType, "Cache-Control": "no-cache, private"])
    }

    static func send(_ status: Status, _ response: consuming ResponseWriter) {
        var head = head(status.code)
        if let wait = status.details?.retryAfterSeconds, wait > 0 {
            head.headers.add(name: "Retry-After", value: String(wait))
        }
        response.send(head, body: ByteBuffer(bytes: status.encoded))
    }

    /// Until the client goes away or the server is stopped: both cancel the task.
    private func untilCancelled() async { try? await Task.sleep(for: .seconds(3600)) }

    private func fail(_ fault: FakeKubeFault, _ http: HTTPRequest, _ response: consuming ResponseWriter) async {
        switch fault {
        case .status(let code, let reason, let message, let wait):
            let details = wait.map { StatusDetails(retryAfterSeconds: $0) }
            var head = Self.head(code)
            if let wait { head.headers.add(name: "Retry-After", value: String(wait)) }
            let status = Status(message: message, reason: reason, details: details, code: code)
            response.send(head, body: ByteBuffer(bytes: status.encoded))
        case .bytes(let code, let text, let contentType):
            response.send(Self.head(code, contentType: contentType), body: ByteBuffer(string: text))
        case .hang: await untilCancelled()
        case .reset:
            http.connection.close(gracefully: false)
            // A response dropped before the connection is closed would still be answered, with 500.
            await untilCancelled()
        case .resetMidAnswer:
            guard let body = try? await response.start(Self.head(200)) else { return }
            try? await body.write(ByteBuffer(string: #"{"kind":"List","apiVersion":"v1","items":["#))
            body.abort()
        }
    }
}
