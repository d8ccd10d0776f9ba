import APIMachinery
import Testing

/// R12: delete options from body or query (conformance 8.11).
struct DeleteOptionsTests {
    static let group = GroupVersion(group: "profefe.io", version: "v1")

    static func read(_ body: JSONValue?, query: String = "") throws(StatusError) -> DeleteOptions {
        try DeleteOptions(query: QueryItems(parsing: query), body: body, groupVersion: group)
    }

    @Test(arguments: [nil, "v1", "meta.k8s.io/v1", "profefe.io/v1"] as [String?], [nil, "DeleteOptions"] as [String?])
    func everyUsualTypeIsAccepted(apiVersion: String?, kind: String?) throws {
        var body: JSONObject = ["propagationPolicy": "Background"]
        body["apiVersion"] = apiVersion.map { .string($0) }
        body["kind"] = kind.map { .string($0) }
        #expect(try Self.read(.object(body)).effectivePolicy == .background)
    }

    @Test(
        arguments: [
            (["kind": "Foo", "apiVersion": "v1"], "no kind \"Foo\" is registered for version \"v1\""),
            (
                ["kind": "DeleteOptions", "apiVersion": "v2"],
                "no kind \"DeleteOptions\" is registered for version \"v2\""
            ),
            (
                ["kind": "DeleteOptions", "apiVersion": "apps/v1"],
                "no kind \"DeleteOptions\" is registered for version \"apps/v1\""
            ),
            ([], "couldn't get version/kind; json parse error: the body must be an object"),
            (
                ["gracePeriodSeconds": "x"],
                "DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: gracePeriodSeconds: Invalid value: \"string\": gracePeriodSeconds in body must be of type integer: \"string\""
            ),
            (
                ["preconditions": ["uid": 1]],
                "DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: preconditions.uid: Invalid value: \"integer\": preconditions.uid in body must be of type string: \"integer\""
            ),
        ] as [(JSONValue, String)])
    func whatCannotBeReadIs400(body: JSONValue, message: String) {
        let error = #expect(throws: StatusError.badRequest("")) { try Self.read(body) }
        #expect(error?.message == message)
    }

    @Test(
        arguments: [
            (
                ["propagationPolicy": "Foo"], "",
                "propagationPolicy: Unsupported value: \"Foo\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
            ),
            (
                nil, "propagationPolicy=Foo",
                "propagationPolicy: Unsupported value: \"Foo\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
            ),
            (
                ["propagationPolicy": "Orphan", "orphanDependents": true], "",
                "propagationPolicy: Invalid value: \"Orphan\": orphanDependents and deletionPropagation cannot be both set"
            ),
            (["dryRun": ["All", "x"]], "", "dryRun: Unsupported value: [\"All\",\"x\"]: supported values: \"All\""),
        ] as [(JSONValue?, String, String)])
    func whatIsNotAllowedIs422(body: JSONValue?, query: String, fault: String) {
        let error = #expect(throws: StatusError.self) { try Self.read(body, query: query) }
        #expect(error?.code == 422)
        #expect(error?.message == "DeleteOptions.meta.k8s.io \"\" is invalid: \(fault)")
    }

    @Test func readsEveryField() throws {
        let options = try Self.read([
            "gracePeriodSeconds": -3, "orphanDependents": true, "dryRun": ["All"],
            "preconditions": ["uid": "u", "resourceVersion": "7"],
        ])
        #expect(options.gracePeriodSeconds == 1 && options.effectivePolicy == .orphan && options.dryRun)
        #expect(options.preconditions == DeleteOptions.Preconditions(uid: "u", resourceVersion: "7"))
        #expect(try Self.read([:]) == DeleteOptions())
    }

    @Test func theQueryCountsOnlyWithoutABody() throws {
        let query = "propagationPolicy=Foreground&gracePeriodSeconds=0&dryRun=All"
        let options = try Self.read(nil, query: query)
        #expect(options.propagationPolicy == .foreground && options.gracePeriodSeconds == 0 && options.dryRun)
        #expect(try Self.read([:], query: query) == DeleteOptions())
        #expect(try Self.read(nil, query: "orphanDependents=false").effectivePolicy == .background)
    }
}
