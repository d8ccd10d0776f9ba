import APIMachinery
import Testing

/// E01, R15: the error catalogue (conformance 10) and the messages of 8.x, word for word.
struct StatusErrorTests {
    static let profiles = GroupResource(group: "profefe.io", resource: "profiles")
    static let namespaces = GroupResource(group: "", resource: "namespaces")
    static let subject: JSONObject = ["name": "p1", "group": "profefe.io", "kind": "profiles"]

    struct Case: Sendable, CustomTestStringConvertible {
        let error: StatusError
        let code: Int64
        let reason: String
        let message: String
        var details: JSONValue?
        var testDescription: String { "\(code) \(reason)" }

        init(_ error: StatusError, _ code: Int64, _ reason: String, _ message: String, _ details: JSONValue? = nil) {
            (self.error, self.code, self.reason, self.message, self.details) = (error, code, reason, message, details)
        }
    }

    static let cases = [
        Case(.badRequest("why"), 400, "BadRequest", "why"),
        Case(.unauthorized(), 401, "Unauthorized", "Unauthorized"),
        Case(
            .forbidden(profiles, name: "p1", "why"), 403, "Forbidden", "profiles.profefe.io \"p1\" is forbidden: why",
            .object(subject)),
        Case(
            .forbidden(profiles, "why"), 403, "Forbidden", "profiles.profefe.io is forbidden: why",
            ["group": "profefe.io", "kind": "profiles"]),
        Case(
            .forbidden(nil, "User \"a\" cannot get path \"/metrics\""), 403, "Forbidden",
            "forbidden: User \"a\" cannot get path \"/metrics\"", [:]),
        Case(
            .notFound(profiles, name: "p1"), 404, "NotFound", "profiles.profefe.io \"p1\" not found", .object(subject)),
        Case(
            .notFound(namespaces, name: "n"), 404, "NotFound", "namespaces \"n\" not found",
            ["name": "n", "kind": "namespaces"]),
        Case(.resourceNotFound(), 404, "NotFound", "the server could not find the requested resource", [:]),
        Case(
            .methodNotAllowed(), 405, "MethodNotAllowed",
            "the server does not allow this method on the requested resource", [:]),
        Case(
            .verbNotSupported("create", on: profiles), 405, "MethodNotAllowed",
            "create is not supported on resources of kind \"profiles.profefe.io\"",
            ["group": "profefe.io", "kind": "profiles"]),
        Case(
            .notAcceptable(["a/b", "c/d"]), 406, "NotAcceptable",
            "only the following media types are accepted: a/b, c/d"),
        Case(
            .alreadyExists(profiles, name: "p1"), 409, "AlreadyExists", "profiles.profefe.io \"p1\" already exists",
            .object(subject)),
        Case(
            .beingDeleted(profiles, name: "p1"), 409, "AlreadyExists",
            "object is being deleted: profiles.profefe.io \"p1\" already exists", .object(subject)),
        Case(
            .conflict(profiles, name: "p1", "why"), 409, "Conflict",
            "Operation cannot be fulfilled on profiles.profefe.io \"p1\": why", .object(subject)),
        Case(
            .modified(profiles, name: "p1"), 409, "Conflict",
            "Operation cannot be fulfilled on profiles.profefe.io \"p1\": the object has been modified; please apply your changes to the latest version and try again",
            .object(subject)),
        Case(
            .uidPrecondition(profiles, name: "p1", expected: "nope", found: "8005"), 409, "Conflict",
            "Operation cannot be fulfilled on profiles.profefe.io \"p1\": the UID in the precondition (nope) does not match the UID in record (8005). The object might have been deleted and then recreated",
            .object(subject)),
        Case(
            .resourceVersionPrecondition(profiles, name: "p1", expected: "1", found: ResourceVersion(842)), 409,
            "Conflict",
            "Operation cannot be fulfilled on profiles.profefe.io \"p1\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (842). The object might have been modified",
            .object(subject)),
        Case(.listExpired(), 410, "Expired", "The resourceVersion for the provided list is too old."),
        Case(
            .requestEntityTooLarge(limit: 3_145_728), 413, "RequestEntityTooLarge",
            "Request entity too large: limit is 3145728"),
        Case(
            .unsupportedMediaType(["a/b"]), 415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: a/b"),
        Case(.unprocessable(), 422, "Invalid", "the server rejected our request due to an error in our request", [:]),
        Case(
            .tooManyRequests(), 429, "TooManyRequests", "Too many requests, please try again later.",
            ["retryAfterSeconds": 1]),
        Case(
            .internalError("why"), 500, "InternalError", "Internal error occurred: why",
            ["causes": [["message": "why"]]]),
        Case(
            .serverTimeout(profiles, operation: "POST", retryAfter: 2), 500, "ServerTimeout",
            "The POST operation against profiles.profefe.io could not be completed at this time, please try again.",
            ["name": "POST", "group": "profefe.io", "kind": "profiles", "retryAfterSeconds": 2]),
        Case(.serviceUnavailable("why"), 503, "ServiceUnavailable", "why", ["retryAfterSeconds": 1]),
        Case(.timeout("why"), 504, "Timeout", "Timeout: why", [:]),
        Case(
            .tooLargeResourceVersion(ResourceVersion(99_999_999), current: ResourceVersion(807)), 504, "Timeout",
            "Timeout: Too large resource version: 99999999, current: 807",
            [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                "retryAfterSeconds": 1,
            ]),
    ]

    @Test(arguments: cases) func everyRowOfTheCatalogue(row: Case) throws {
        var expected: JSONObject = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(row.message),
            "reason": .string(row.reason), "code": .integer(row.code),
        ]
        expected["details"] = row.details
        #expect(try JSONValue.parse(row.error.status.encoded) == .object(expected))
        #expect(Int64(row.error.code) == row.code)
    }

    @Test func anExpiredListCarriesAToken() throws {
        let status = try JSONValue.parse(StatusError.listExpired(continueToken: "abc").status.encoded)
        #expect(status["metadata"] == ["continue": "abc"])
    }

    @Test func retryAfterIsToldOnlyWhenThereIsOne() {
        #expect(StatusError.serviceUnavailable("x", retryAfter: 3).retryAfterSeconds == 3)
        #expect(StatusError.timeout("x").retryAfterSeconds == nil)
        #expect(StatusError.badRequest("x").retryAfterSeconds == nil)
    }

    @Test func aDeletionIsASuccess() throws {
        #expect(
            try JSONValue.parse(Status.deleted(Self.profiles, name: "p1", uid: "u").encoded) == [
                "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                "details": ["name": "p1", "group": "profefe.io", "kind": "profiles", "uid": "u"],
            ])
    }

    @Test func oneFaultStandsAloneManyInBrackets() throws {
        let kind = GroupKind(group: "profefe.io", kind: "Profile")
        let first = FieldError.invalid(FieldPath("spec").child("targets").index(0).child("port"), 70000, "too high")
        let second = FieldError.required(FieldPath("metadata.labels").key("app"))
        #expect(
            StatusError.invalid(kind, name: "p1", [first]).message
                == "Profile.profefe.io \"p1\" is invalid: spec.targets[0].port: Invalid value: 70000: too high")
        let many = StatusError.invalid(kind, name: "p1", [first, second, first])
        #expect(
            many.message == "Profile.profefe.io \"p1\" is invalid: [spec.targets[0].port: Invalid value: 70000: "
                + "too high, metadata.labels[app]: Required value]")
        #expect(many.status.details?.causes.count == 3)
        #expect(
            many.status.details?.causes.first
                == StatusCause(
                    reason: "FieldValueInvalid", message: "Invalid value: 70000: too high",
                    field: "spec.targets[0].port"))
        #expect(StatusError.invalid(kind, name: "", []).message == "Profile.profefe.io \"\" is invalid")
    }

    @Test(
        arguments: [
            (.required(FieldPath("a")), "a: Required value"),
            (.required(FieldPath("a"), "why"), "a: Required value: why"),
            (.invalid(FieldPath("a"), "x\"y\n", "why"), "a: Invalid value: \"x\\\"y\\n\": why"),
            (.invalid(FieldPath("a"), true, "why"), "a: Invalid value: true: why"),
            (.typeInvalid(FieldPath("a"), .json(["b": [1, nil]]), "why"), "a: Invalid value: {\"b\":[1,null]}: why"),
            (
                .notSupported(FieldPath("a"), "x", supported: ["b", "c"]),
                "a: Unsupported value: \"x\": supported values: \"b\", \"c\""
            ),
            (.forbidden(FieldPath("a"), "why"), "a: Forbidden: why"),
            (.duplicate(FieldPath("a"), "x"), "a: Duplicate value: \"x\""),
            (.notFound(FieldPath("a"), "x"), "a: Not found: \"x\""),
            (.tooLong(FieldPath("a"), limit: 5), "a: Too long: may not be more than 5 bytes"),
            (.tooLong(FieldPath("a"), limit: 1), "a: Too long: may not be more than 1 byte"),
            (.tooShort(FieldPath("a"), limit: 2), "a: Too short: must be at least 2 characters"),
            (.tooMany(FieldPath("a"), count: 9, limit: 8), "a: Too many: 9: must have at most 8 items"),
            (.tooFew(FieldPath("a"), count: 0, limit: 1), "a: Too few: 0: must have at least 1 item"),
            (.internalError(FieldPath("a"), "why"), "a: Internal error: why"),
        ] as [(FieldError, String)])
    func faultsAreToldInKubernetesWords(error: FieldError, text: String) {
        #expect(error.description == text)
    }

    /// Checked against Go's `strconv.Quote`.
    @Test(
        arguments: [
            ("", #""""#), ("a\"b\\", #""a\"b\\""#), ("\u{07}\u{08}\u{0B}\u{0C}\n\r\t", #""\a\b\v\f\n\r\t""#),
            ("\0\u{1B}\u{7F}", #""\x00\x1b\x7f""#), ("\u{80}\u{A0}\u{200B}\u{FEFF}", #""\u0080\u00a0\u200b\ufeff""#),
            ("ä€😀", #""ä€😀""#), ("\u{E0001}", #""\U000e0001""#), ("e\u{301}", "\"e\u{301}\""),
        ])
    func textsAreQuotedAsGoDoes(text: String, quoted: String) {
        #expect(text.quoted == quoted)
    }

    @Test func htmlIsEscaped() {
        #expect("<a&b>".htmlEscaped == "&lt;a&amp;b&gt;" && "plain".htmlEscaped == "plain")
    }
}
