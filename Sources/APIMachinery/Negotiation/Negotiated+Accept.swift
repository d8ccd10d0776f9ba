/// What a client says about the form of its answer.
public struct AnswerPreferences: Sendable {
    /// The values of all `Accept` headers.
    public let accept: [String]
    /// The `User-Agent`, empty if not sent.
    public let userAgent: String
    /// The query, for `pretty`.
    public let query: QueryItems

    /// Preferences of their parts.
    public init(accept: [String], userAgent: String, query: QueryItems) {
        self.accept = accept
        self.userAgent = userAgent
        self.query = query
    }

    /// Whether to indent: `?pretty=` decides if it is given and not empty, then `pretty=1` in the clause chosen, then
    /// whether a person seems to read along (curl, Wget, a browser).
    func isPretty(_ clause: AcceptHeader.Clause?) -> Bool {
        if let text = query["pretty"], !text.isEmpty { return Self.truths.contains(text) }
        if clause?.parameters["pretty"] == "1" { return true }
        return ["curl", "Wget", "Mozilla/5.0"].contains(where: userAgent.hasPrefix)
    }

    /// What Go's `strconv.ParseBool` takes for true.
    private static let truths: Set<String> = ["1", "t", "T", "true", "True", "TRUE"]
}

/// What a request is answered with, as far as its form depends on it.
public enum AnswerShape: Sendable, Hashable {
    /// One object of the kind, or a document of no kind.
    case object(kind: String)
    /// A list of the kind, such as `ProfileList`.
    case list(kind: String)
    /// A stream of watch events.
    case watch

    /// The media types told in a 406.
    var offers: [String] {
        switch self {
        case .object, .list: ["application/json", "application/yaml"]
        case .watch: ["application/json;stream=watch"]
        }
    }
}

extension Negotiated {
    /// Finds the form of an answer: the best clause that can be satisfied (conformance 5.1). Call it before anything
    /// is done: a 406 has no side effects.
    ///
    /// - Throws: 406 if no clause can be satisfied, or if metadata of an object was asked of a list.
    public init(_ preferences: AnswerPreferences, for shape: AnswerShape) throws(StatusError) {
        for clause in AcceptHeader(preferences.accept).clauses {
            guard let encoding = Self.encoding(clause, shape), let conversion = Self.conversion(clause.parameters)
            else { continue }
            self.init(
                encoding: encoding, conversion: try Self.fit(conversion, shape),
                pretty: shape != .watch && preferences.isPretty(clause))
            return
        }
        throw .notAcceptable(shape.offers)
    }

    /// The form of a `Status`: never converted, JSON if nothing the client accepts can be made.
    public init(statusFor preferences: AnswerPreferences) {
        let clause = AcceptHeader(preferences.accept).clauses.first {
            Self.encoding($0, .object(kind: "Status")) != nil
        }
        let encoding = clause.flatMap { Self.encoding($0, .object(kind: "Status")) } ?? .json
        self.init(encoding: encoding, pretty: clause == nil || preferences.isPretty(clause))
    }

    private static func encoding(_ clause: AcceptHeader.Clause, _ shape: AnswerShape) -> Encoding? {
        if let stream = clause.parameters["stream"], stream != "watch" || shape != .watch { return nil }
        if clause.covers(Encoding.json.rawValue) { return .json }
        return clause.covers(Encoding.yaml.rawValue) && shape != .watch ? .yaml : nil
    }

    /// The conversion asked for by `as`, `g` and `v`; nil if there is no such conversion.
    private static func conversion(_ parameters: [String: String]) -> Conversion? {
        let asked = (parameters["as"], parameters["g"], parameters["v"])
        if asked == (nil, nil, nil) { return Conversion.none }
        guard asked.1 == "meta.k8s.io", let version = asked.2.flatMap(MetaVersion.init) else { return nil }
        switch asked.0 {
        case "Table": return .table(version)
        case "PartialObjectMetadata": return .partialObjectMetadata(version)
        case "PartialObjectMetadataList": return .partialObjectMetadataList(version)
        default: return nil
        }
    }

    private static func fit(_ conversion: Conversion, _ shape: AnswerShape) throws(StatusError) -> Conversion {
        switch (conversion, shape) {
        case (.partialObjectMetadata, .list(let kind)):
            throw .notAcceptable(
                message: "you requested PartialObjectMetadata, but the requested object is a list (\(kind))")
        case (.partialObjectMetadataList, .object(let kind)):
            throw .notAcceptable(
                message: "you requested PartialObjectMetadataList, but the requested object is not a list (\(kind))")
        case (.partialObjectMetadataList, .watch):
            throw .notAcceptable(
                message: "you requested PartialObjectMetadataList, but the requested object is not a list (WatchEvent)")
        default: return conversion
        }
    }
}

/// In which form `/apis` is answered (conformance 6.4).
public enum DiscoveryForm: Sendable, Hashable {
    /// `APIGroupDiscoveryList` of `apidiscovery.k8s.io` in `v2` or `v2beta1`.
    case aggregated(version: String)
    /// `APIGroupList`, or `APIVersions` for `/api`.
    case plain

    /// The versions of the aggregated form.
    public static let aggregatedVersions = ["v2", "v2beta1"]

    /// Finds the form: the best clause that can be satisfied.
    ///
    /// - Throws: 406 if there is none.
    public init(accept: [String]) throws(StatusError) {
        for clause in AcceptHeader(accept).clauses where clause.covers("application/json") {
            let asked = (clause.parameters["as"], clause.parameters["g"], clause.parameters["v"])
            if asked == (nil, nil, nil) {
                self = .plain
                return
            }
            if asked.0 == "APIGroupDiscoveryList", asked.1 == "apidiscovery.k8s.io", let version = asked.2,
                Self.aggregatedVersions.contains(version)
            {
                self = .aggregated(version: version)
                return
            }
        }
        throw .notAcceptable(["application/json"])
    }

    /// The exact `Content-Type` of the answer; the aggregator looks at its parameters.
    public var contentType: String {
        switch self {
        case .plain: "application/json"
        case .aggregated(let version): "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        }
    }
}

/// In which form the body of a request is.
public enum RequestEncoding: Sendable, Hashable {
    case json
    case yaml

    /// Reads the `Content-Type` of a create, update or delete; parameters don't matter, a missing one is JSON.
    ///
    /// - Throws: 415 for any other type (conformance 5.3).
    public init(contentType: String?) throws(StatusError) {
        guard let contentType, !contentType.trimmed.isEmpty else {
            self = .json
            return
        }
        switch MediaType(contentType)?.essence {
        case "application/json": self = .json
        case "application/yaml": self = .yaml
        default: throw .unsupportedMediaType(["application/json", "application/yaml"])
        }
    }
}

/// In which form the body of a patch is (conformance 8.6).
public enum PatchEncoding: String, Sendable, Hashable, CaseIterable {
    case jsonPatch = "application/json-patch+json"
    case mergePatch = "application/merge-patch+json"
    case apply = "application/apply-patch+yaml"

    /// Reads the `Content-Type` of a patch; a missing one is refused. The garbage collector and kubectl rely on the 415.
    ///
    /// - Parameter accepted: what the resource takes, told in the refusal in this order.
    /// - Throws: 415.
    public init(contentType: String?, accepted: [PatchEncoding] = allCases) throws(StatusError) {
        let given = contentType.flatMap { MediaType($0) }?.essence
        guard let encoding = given.flatMap(PatchEncoding.init), accepted.contains(encoding) else {
            throw .unsupportedMediaType(accepted.map(\.rawValue))
        }
        self = encoding
    }
}
