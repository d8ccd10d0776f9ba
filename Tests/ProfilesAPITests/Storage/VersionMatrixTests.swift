import APIMachinery
import NIOHTTP1
import ProfileStore
import Testing

/// Every cell of the resourceVersion matrix (conformance 8.2) and of the watch's start table (8.3), through the whole server over
/// the embedded store. L03, L05, W04, W05.
struct VersionMatrixTests {
    /// What a `resourceVersion` is in a row: a text, or a distance from the current one.
    enum Version: Sendable {
        case unset, text(String), current, before, future

        func query(_ current: UInt64) -> String? {
            switch self {
            case .unset: nil
            case .text(let text): text
            case .current: "\(current)"
            case .before: "\(current - 1)"
            case .future: "\(current + 1000)"
            }
        }
    }

    /// What is to come: 200 with the names, or a refusal.
    enum Outcome: Sendable {
        case now, then, refused(Int, String)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let version: Version
        var limit = ""
        /// Without a match, with NotOlderThan, with Exact.
        let outcomes: [Outcome]
        var testDescription: String { "\(version)\(limit)" }
    }

    private static let needed =
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
    private static let expired = Outcome.refused(
        410, "The resourceVersion for the provided list is too old.")
    private static let garbage = Outcome.refused(400, "invalid resource version: ")
    private static let future = Outcome.refused(504, "Timeout: Too large resource version: ")

    static let rows: [Row] = [
        Row(version: .unset, outcomes: [.now, .refused(422, needed), .refused(422, needed)]),
        Row(
            version: .text("0"),
            outcomes: [
                .now, .now,
                .refused(
                    422,
                    #"resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0""#
                ),
            ]),
        Row(version: .before, outcomes: [.now, .now, .then]),
        Row(version: .before, limit: "&limit=9", outcomes: [.then, .now, .then]),
        Row(version: .current, outcomes: [.now, .now, .now]),
        Row(version: .current, limit: "&limit=9", outcomes: [.now, .now, .now]),
        Row(version: .text("5"), outcomes: [.now, .now, expired]),
        Row(version: .text("5"), limit: "&limit=2", outcomes: [expired, .now, expired]),
        Row(version: .future, outcomes: [future, future, future]),
        Row(version: .future, limit: "&limit=2", outcomes: [future, future, future]),
        Row(version: .text("x1"), outcomes: [garbage, garbage, garbage]),
    ]

    @Test(arguments: rows)
    func l03L05EachCellOfTheMatrix(_ row: Row) async throws {
        try await TestAPI.with(Self.still) { api in
            let first = try await Self.create("early", api)
            _ = try await Self.create("late", api)
            let current = api.store.currentVersion.rawValue
            for (match, outcome) in zip(["", "NotOlderThan", "Exact"], row.outcomes) {
                let version = row.version.query(current).map { "resourceVersion=\($0)" } ?? "x=y"
                let query = version + row.limit + (match.isEmpty ? "" : "&resourceVersionMatch=\(match)")
                let answer = try await api.send(.GET, TestAPI.captures + "?" + query)
                switch outcome {
                case .now:
                    #expect(answer.status == 200, "\(query)")
                    #expect(Self.names(answer) == [first, "late"], "\(query)")
                    #expect(answer.json["metadata"]?["resourceVersion"]?.stringValue == "\(current)", "\(query)")
                case .then:
                    #expect(answer.status == 200, "\(query)")
                    #expect(Self.names(answer) == [first], "\(query)")
                    #expect(answer.json["metadata"]?["resourceVersion"]?.stringValue == "\(current - 1)", "\(query)")
                case .refused(let status, let message):
                    #expect(answer.status == status, "\(query)")
                    #expect(answer.json["message"]?.stringValue?.contains(message) == true, "\(query): \(answer.text)")
                    #expect(answer.json["code"]?.integerValue == Int64(status), "\(query)")
                }
            }
        }
    }

    @Test(arguments: [
        (
            "resourceVersionMatch=Near&resourceVersion=1",
            #"Unsupported value: "Near": supported values: "Exact", "NotOlderThan", """#
        ),
        ("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"),
        (
            "watch=true&sendInitialEvents=true",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        ),
        (
            "watch=true&resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        ),
        ("watch=true&sendInitialEvents=true&resourceVersionMatch=Exact", #"Unsupported value: "Exact""#),
    ])
    func l03W04OptionsThatContradictAre422WithTheirCauses(_ query: String, _ message: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(.GET, TestAPI.captures + "?" + query)
            #expect(answer.status == 422)
            #expect(answer.json["message"]?.stringValue?.hasPrefix(#"ListOptions.meta.k8s.io "" is invalid: "#) == true)
            #expect(answer.json["message"]?.stringValue?.contains(message) == true, "\(answer.text)")
            #expect(answer.json["details"]?["group"] == "meta.k8s.io")
            #expect(answer.json["details"]?["kind"] == "ListOptions")
            #expect(answer.json["details"]?["causes"]?.arrayValue?.isEmpty == false)
        }
    }

    @Test func w05AVersionFromBeforeTheHistoryIsAnERROREventThatTellsBoth() async throws {
        try await TestAPI.with { api in
            _ = try await Self.create("early", api)
            let answer = try await api.send(.GET, TestAPI.captures + "?watch=true&resourceVersion=1")
            #expect(answer.status == 200)
            #expect(answer.json["type"] == "ERROR")
            #expect(answer.json["object"]?["message"] == "too old resource version: 1 (1000)")
            #expect(answer.json["object"]?["reason"] == "Expired")
            #expect(answer.json["object"]?["code"] == 410)
        }
    }

    /// Captures stay as they are created.
    private static var still: TestAPI.Options {
        var options = TestAPI.Options()
        options.runs = false
        return options
    }

    private static func names(_ answer: Answer) -> [String] {
        answer.json["items"]?.arrayValue?.compactMap { $0["metadata"]?["name"]?.stringValue } ?? []
    }

    private static func create(_ name: String, _ api: TestAPI) async throws -> String {
        let capture: JSONValue = [
            "apiVersion": "profefe.io/v1", "kind": "ProfileCapture", "metadata": ["name": .string(name)],
            "spec": ["target": ["podName": "nobody"], "types": ["heap"]],
        ]
        let answer = try await api.create(TestAPI.captures, capture)
        #expect(answer.status == 201, "\(answer.text)")
        return name
    }
}
