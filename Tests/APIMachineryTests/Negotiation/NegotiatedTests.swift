import APIMachinery
import Testing

/// C01-C08: content negotiation (conformance 5).
struct NegotiatedTests {
    static let object = AnswerShape.object(kind: "Profile")
    static let list = AnswerShape.list(kind: "ProfileList")

    static func negotiate(
        _ accept: String?, _ shape: AnswerShape = object, query: String = "", userAgent: String = "x"
    ) throws(StatusError) -> Negotiated {
        let preferences = AnswerPreferences(
            accept: accept.map { [$0] } ?? [], userAgent: userAgent, query: QueryItems(parsing: query))
        return try Negotiated(preferences, for: shape)
    }

    static let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
    static let partial = "as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

    @Test(
        arguments: [
            (nil, .json), ("", .json), (" , ", .json), ("*/*", .json), ("*", .json), ("application/*", .json),
            ("text/plain, */*;q=0.1", .json), ("application/json;charset=utf-8", .json),
            ("application/json;foo=bar", .json), ("APPLICATION/JSON", .json), ("application/yaml", .yaml),
            ("application/json;q=0.5, application/yaml", .yaml),
            ("application/yaml;q=0.5,application/json;q=0.9", .json),
            ("*/*,application/yaml", .yaml), ("application/*,application/yaml", .yaml),
            ("application/vnd.kubernetes.protobuf,application/json", .json),
            ("application/yaml;q=x,application/json;q=0.1", .json), ("application/json;q=0,*/*", .json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .json),
            ("application/json;\"q=1", .json), ("application/json ; q = 0.3 , application/yaml;q=0.2", .json),
        ] as [(String?, Negotiated.Encoding)])
    func theBestClauseWins(accept: String?, encoding: Negotiated.Encoding) throws {
        let negotiated = try Self.negotiate(accept)
        #expect(negotiated.encoding == encoding && negotiated.conversion == .none && !negotiated.pretty)
        #expect(negotiated.contentType == encoding.rawValue)
    }

    @Test(
        arguments: [
            (table, object, .table(.v1)), (table, list, .table(.v1)), (table, .watch, .table(.v1)),
            ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", list, .table(.v1beta1)),
            ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", list, .none),
            ("application/json;as=Bogus;v=v1;g=meta.k8s.io,application/json", list, .none),
            ("application/json;as=Table;g=meta.k8s.io,*/*", list, .none),
            ("application/json;as=Table;v=v1,*/*", list, .none), ("application/json;g=meta.k8s.io,*/*", list, .none),
            ("\(table),application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", list, .table(.v1)),
            (
                "application/vnd.kubernetes.protobuf;\(partial),application/json;\(partial),application/json", object,
                .partialObjectMetadata(.v1)
            ),
            ("application/json;\(partial)", .watch, .partialObjectMetadata(.v1)),
            (
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", list,
                .partialObjectMetadataList(.v1)
            ),
            ("application/json;stream=watch", .watch, .none), ("application/json;stream=watch,*/*", list, .none),
        ] as [(String, AnswerShape, Negotiated.Conversion)])
    func conversionsAreFound(accept: String, shape: AnswerShape, conversion: Negotiated.Conversion) throws {
        #expect(try Self.negotiate(accept, shape).conversion == conversion)
    }

    @Test(
        arguments: [
            ("text/html", object, "only the following media types are accepted: application/json, application/yaml"),
            (
                "application/vnd.kubernetes.protobuf", list,
                "only the following media types are accepted: application/json, application/yaml"
            ),
            (
                "application/json;q=0", list,
                "only the following media types are accepted: application/json, application/yaml"
            ),
            (
                "application/json;as=Table;v=v2;g=meta.k8s.io", list,
                "only the following media types are accepted: application/json, application/yaml"
            ),
            ("application/yaml", .watch, "only the following media types are accepted: application/json;stream=watch"),
            (
                "application/json;stream=watch", object,
                "only the following media types are accepted: application/json, application/yaml"
            ),
            (
                "application/json;\(partial)", list,
                "you requested PartialObjectMetadata, but the requested object is a list (ProfileList)"
            ),
            ("nonsense", object, "only the following media types are accepted: application/json, application/yaml"),
        ] as [(String, AnswerShape, String)])
    func nothingFittingIs406(accept: String, shape: AnswerShape, message: String) {
        let error = #expect(throws: StatusError.notAcceptable([])) { try Self.negotiate(accept, shape) }
        #expect(error?.message == message)
    }

    @Test(
        arguments: [
            ("", "kubectl/v1", nil, false), ("", "curl/8", nil, true), ("", "Wget/1", nil, true),
            ("", "Mozilla/5.0 (X)", nil, true), ("", "Mozilla/4.0", nil, false), ("pretty=false", "curl/8", nil, false),
            ("pretty=0", "curl/8", nil, false), ("pretty=true", "x", nil, true), ("pretty=1", "x", nil, true),
            ("pretty=", "x", nil, false), ("pretty=yes", "curl/8", nil, false),
            ("", "x", "application/json;pretty=1", true),
            ("pretty=false", "x", "application/json;pretty=1", false), ("", "x", "application/json;pretty=0", false),
        ] as [(String, String, String?, Bool)])
    func prettyRules(query: String, userAgent: String, accept: String?, pretty: Bool) throws {
        #expect(try Self.negotiate(accept, query: query, userAgent: userAgent).pretty == pretty)
        #expect(try !Self.negotiate(accept, .watch, query: query, userAgent: userAgent).pretty)
    }

    @Test func aStatusIsNeverRefusedNorConverted() {
        func form(_ accept: String) -> Negotiated {
            Negotiated(statusFor: AnswerPreferences(accept: [accept], userAgent: "", query: QueryItems()))
        }
        #expect(form("text/html") == Negotiated(encoding: .json, pretty: true))
        #expect(form(Self.table) == Negotiated(encoding: .json))
        #expect(form("application/yaml") == Negotiated(encoding: .yaml))
    }

    @Test func severalHeadersAreOneList() throws {
        let preferences = AnswerPreferences(
            accept: ["text/html", "application/json;q=0.5, application/yaml"], userAgent: "", query: QueryItems())
        #expect(try Negotiated(preferences, for: Self.object).encoding == .yaml)
    }

    /// D01: what the aggregator asks of `/apis`.
    @Test func discoveryForms() throws {
        let v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        let beta = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
        #expect(try DiscoveryForm(accept: ["\(v2),\(beta)"]) == .aggregated(version: "v2"))
        #expect(try DiscoveryForm(accept: ["\(beta),application/json"]) == .aggregated(version: "v2beta1"))
        #expect(try DiscoveryForm(accept: ["\(v2),\(beta)"]).contentType == v2)
        #expect(try DiscoveryForm(accept: []) == .plain)
        #expect(try DiscoveryForm(accept: ["application/vnd.kubernetes.protobuf;\(Self.partial),*/*"]) == .plain)
        #expect(try DiscoveryForm(accept: [v2.replacing("v=v2", with: "v=v9"), "application/json"]) == .plain)
        #expect(throws: StatusError.notAcceptable([])) {
            try DiscoveryForm(accept: [v2.replacing("v=v2", with: "v=v9")])
        }
        #expect(throws: StatusError.notAcceptable([])) { try DiscoveryForm(accept: ["text/html"]) }
    }

    @Test(
        arguments: [
            (nil, .json), ("", .json), ("application/json", .json), ("application/json; charset=utf-8", .json),
            ("Application/YAML", .yaml),
        ] as [(String?, RequestEncoding)])
    func bodiesAreRead(contentType: String?, encoding: RequestEncoding) throws {
        #expect(try RequestEncoding(contentType: contentType) == encoding)
    }

    @Test(arguments: ["text/plain", "application/vnd.kubernetes.protobuf", "json", "application/", "*/*"])
    func otherBodiesAre415(contentType: String) {
        let error = #expect(throws: StatusError.unsupportedMediaType([])) {
            try RequestEncoding(contentType: contentType)
        }
        #expect(
            error?.message == "the body of the request was in an unknown format - accepted media types include: "
                + "application/json, application/yaml")
    }

    /// C06: the 415 that the garbage collector relies on.
    @Test(arguments: [nil, "application/json", "application/strategic-merge-patch+json", ""] as [String?])
    func otherPatchesAre415(contentType: String?) {
        let error = #expect(throws: StatusError.unsupportedMediaType([])) {
            try PatchEncoding(contentType: contentType)
        }
        #expect(
            error?.message == "the body of the request was in an unknown format - accepted media types include: "
                + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
    }

    @Test func patchesAreRead() throws {
        for encoding in PatchEncoding.allCases {
            #expect(try PatchEncoding(contentType: "\(encoding.rawValue); charset=utf-8") == encoding)
        }
        #expect(throws: StatusError.unsupportedMediaType([])) {
            try PatchEncoding(contentType: PatchEncoding.apply.rawValue, accepted: [.jsonPatch, .mergePatch])
        }
    }
}
