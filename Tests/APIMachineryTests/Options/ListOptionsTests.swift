import APIMachinery
import Testing

/// L03, L06, L07, W04: the options of lists and watches (conformance 8.2, 8.3).
struct ListOptionsTests {
    static func read(_ query: String, watchList: Bool = true) throws(StatusError) -> ListOptions {
        try ListOptions(query: QueryItems(parsing: query), watchList: watchList)
    }

    static let token = ContinueToken(
        snapshot: ResourceVersion(812), after: ObjectKey(namespace: "prod", name: "p17"))

    @Test(
        arguments: [
            ("", .mostRecent), ("resourceVersion=", .mostRecent), ("resourceVersion=0", .any),
            ("resourceVersion=0&limit=5", .any), ("resourceVersion=0&resourceVersionMatch=NotOlderThan", .any),
            ("resourceVersion=7", .notOlderThan(ResourceVersion(7))),
            ("resourceVersion=7&limit=2", .exactly(ResourceVersion(7))),
            ("resourceVersion=7&limit=0", .notOlderThan(ResourceVersion(7))),
            ("resourceVersion=7&resourceVersionMatch=NotOlderThan&limit=2", .notOlderThan(ResourceVersion(7))),
            ("resourceVersion=7&resourceVersionMatch=Exact", .exactly(ResourceVersion(7))),
            ("continue=\(token.encoded)", .exactly(ResourceVersion(812))),
            ("continue=\(token.encoded)&resourceVersion=0", .exactly(ResourceVersion(812))),
            ("continue=\(ContinueToken(snapshot: nil, after: token.after).encoded)", .mostRecent),
        ] as [(String, ListOptions.VersionDemand)])
    func theVersionMatrix(query: String, demand: ListOptions.VersionDemand) throws {
        #expect(try Self.read(query).versionDemand == demand)
    }

    @Test(
        arguments: [
            ("limit=abc", "strconv.ParseInt: parsing \"abc\": invalid syntax"),
            ("limit=99999999999999999999", "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"),
            ("timeoutSeconds=1.5", "strconv.ParseInt: parsing \"1.5\": invalid syntax"),
            ("limit=-", "strconv.ParseInt: parsing \"-\": invalid syntax"),
            ("resourceVersion=x", "invalid resource version: strconv.ParseUint: parsing \"x\": invalid syntax"),
            (
                "resourceVersion=18446744073709551616",
                "invalid resource version: strconv.ParseUint: parsing \"18446744073709551616\": value out of range"
            ),
            ("resourceVersion=-1", "invalid resource version: strconv.ParseUint: parsing \"-1\": invalid syntax"),
            ("labelSelector=a%20b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("fieldSelector=metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
            (
                "continue=\(token.encoded)&resourceVersion=5",
                "specifying resource version is not allowed when using continue"
            ),
            ("continue=!", "invalid continue token: continue key is not valid: it can't be decoded"),
        ])
    func whatCannotBeReadIs400(query: String, message: String) {
        let error = #expect(throws: StatusError.badRequest("")) { try Self.read(query) }
        #expect(error?.message == message)
    }

    @Test(
        arguments: [
            (
                "resourceVersionMatch=Exact",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
            ),
            (
                "resourceVersionMatch=NotOlderThan",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
            ),
            (
                "resourceVersion=0&resourceVersionMatch=Exact",
                "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
            ),
            (
                "resourceVersion=5&resourceVersionMatch=X",
                "resourceVersionMatch: Unsupported value: \"X\": supported values: \"Exact\", \"NotOlderThan\", \"\""
            ),
            (
                "resourceVersion=5&resourceVersionMatch=Exact&continue=x",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided"
            ),
            ("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"),
            ("sendInitialEvents=false", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"),
            (
                "watch=1&sendInitialEvents=true",
                "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            ),
            (
                "watch=1&resourceVersionMatch=NotOlderThan",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            ),
        ])
    func whatMayNotBeCombinedIs422(query: String, fault: String) {
        let error = #expect(throws: StatusError.invalid(GroupKind(group: "", kind: ""), name: "", [])) {
            try Self.read(query)
        }
        #expect(error?.message == "ListOptions.meta.k8s.io \"\" is invalid: \(fault)")
        #expect(error?.status.details?.group == "meta.k8s.io")
        #expect(error?.status.details?.kind == "ListOptions")
        #expect(error?.status.details?.causes.count == 1)
    }

    @Test func aWatchWithMatchExactTellsEveryFault() {
        let error = #expect(throws: StatusError.self) { try Self.read("watch=1&resourceVersionMatch=Exact") }
        #expect(
            error?.message == "ListOptions.meta.k8s.io \"\" is invalid: [resourceVersionMatch: Forbidden: "
                + "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, "
                + "resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\"]")
        let both = #expect(throws: StatusError.self) {
            try Self.read("watch=1&sendInitialEvents=1&resourceVersionMatch=Exact")
        }
        #expect(both?.status.details?.causes.map(\.reason) == ["FieldValueForbidden", "FieldValueNotSupported"])
    }

    @Test func initialEventsAreRefusedWhereTheyAreNotServed() throws {
        let query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        let options = try Self.read(query)
        #expect(options.watch && options.sendInitialEvents == true && options.allowWatchBookmarks)
        let error = #expect(throws: StatusError.self) { try Self.read(query, watchList: false) }
        #expect(
            error?.message == "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: "
                + "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled")
    }

    @Test func readsTheRest() throws {
        let options = try Self.read(
            "labelSelector=a%3Eb%2C&fieldSelector=&limit=-3&timeoutSeconds=0".replacing("%3Eb%2C", with: "%3E5"))
        #expect(options.labelSelector.description == "a>5")
        #expect(options.limit == 0 && options.timeoutSeconds == nil && options.fieldSelector.isEmpty)
        #expect(try Self.read("limit=500&timeoutSeconds=%2B30").timeoutSeconds == 30)
        #expect(try Self.read("limit=&unknown=1").limit == 0)
        #expect(try Self.read("watch=1&limit=5&continue=bad!").continueToken == nil)
    }
}
