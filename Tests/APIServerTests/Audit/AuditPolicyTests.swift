import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// H04: which requests a policy is about, and which policies are none.
struct AuditPolicyTests {
    static let header = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"

    static func policy(_ text: String) throws(DocumentError) -> AuditPolicy {
        try AuditPolicy(SourceFile(path: "policy.yaml", bytes: Array(text.utf8)))
    }

    static func rule(_ fields: String) -> String { "\(header)rules: [{level: Metadata, \(fields)}]\n" }

    struct Refused: Sendable, CustomTestStringConvertible {
        let place: String
        let message: String
        let text: String
        var testDescription: String { "\(place): \(message)" }

        init(_ place: String, _ message: String, _ text: String) {
            (self.place, self.message, self.text) = (place, message, text)
        }
    }

    static let refused: [Refused] = [
        Refused("line 1", "no document", ""),
        Refused("line 5", "", "\(header)rules:\n  - level: [\n"),
        Refused("line 1", "one document", "\(header)---\n\(header)"),
        Refused("", "must be an object", "- a\n"),
        Refused("apiVersion", #"must be "audit.k8s.io/v1", not nothing"#, "kind: Policy\nrules: [{level: None}]\n"),
        Refused(
            "apiVersion", #"not "audit.k8s.io/v1beta1""#,
            "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]\n"),
        Refused(
            "kind", #"must be "Policy", not "Event""#,
            "apiVersion: audit.k8s.io/v1\nkind: Event\nrules: [{level: None}]\n"),
        Refused("rules", "is given twice", "\(header)rules: [{level: None}]\nrules: [{level: None}]\n"),
        Refused("rules", "at least one rule", header),
        Refused("rules", "at least one rule", "\(header)rules: []\n"),
        Refused("rules", "must be a list, not object", "\(header)rules: {}\n"),
        Refused("rules[0]", "must be an object, not integer", "\(header)rules: [5]\n"),
        Refused("rule", "no such field", "\(header)rule: []\nrules: [{level: None}]\n"),
        Refused("rules[0].level", "Required value", "\(header)rules: [{}]\n"),
        Refused("rules[1].level", #"Unsupported value: "All""#, "\(header)rules: [{level: None}, {level: All}]\n"),
        Refused("rules[0].level", "Unsupported value: 3", "\(header)rules: [{level: 3}]\n"),
        Refused("rules[0].user", "no such field", rule("user: [a]")),
        Refused("rules[0].users", "must be a list, not string", rule("users: a")),
        Refused("rules[0].users[1]", "must be a string, not 5", rule("users: [a, 5]")),
        Refused("rules[0].verbs[0]", "must be a string, not true", rule("verbs: [yes]")),
        Refused("rules[0].omitManagedFields", "must be true or false", rule("omitManagedFields: \"true\"")),
        Refused(
            "omitManagedFields", "must be true or false", "\(header)omitManagedFields: 1\nrules: [{level: None}]\n"),
        Refused(
            "omitStages[0]", "allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic",
            "\(header)omitStages: [Begin]\nrules: [{level: None}]\n"),
        Refused("rules[0].omitStages[1]", #"Invalid value: "x""#, rule("omitStages: [Panic, x]")),
        Refused("rules[0].resources[0]", "must be an object", rule("resources: [pods]")),
        Refused("rules[0].resources[0].name", "no such field", rule("resources: [{name: a}]")),
        Refused(
            "rules[0].resources[1].group", #"Invalid value: "G/v1""#, rule("resources: [{group: g}, {group: G/v1}]")),
        Refused("rules[0].resources[0].group", "must be a string", rule("resources: [{group: 1}]")),
        Refused(
            "rules[0].resources[0].resourceNames", "at least one resource", rule("resources: [{resourceNames: [a]}]")),
        Refused("rules[0].nonResourceURLs[0]", "must begin with a '/'", rule("nonResourceURLs: [healthz]")),
        Refused("rules[0].nonResourceURLs[1]", "final character", rule("nonResourceURLs: [/a, /a*b]")),
        Refused(
            "rules[0].nonResourceURLs", "cannot apply to both", rule("nonResourceURLs: [/a], resources: [{group: g}]")),
        Refused("rules[0].nonResourceURLs", "cannot apply to both", rule("nonResourceURLs: [/a], namespaces: ['n']")),
    ]

    @Test(arguments: refused)
    func refuses(_ refused: Refused) throws {
        do {
            _ = try Self.policy(refused.text)
            Issue.record("was accepted")
        } catch {
            let fault = try #require(error.faults.first)
            #expect(fault.place == refused.place)
            #expect(fault.message.contains(refused.message), "\(fault.message)")
            #expect(error.description.hasPrefix("policy.yaml: "))
        }
    }

    @Test func tellsEveryFault() {
        let text = "\(Self.header)omitStages: [x]\nrules: [{level: None}, {level: Nothing, user: []}]\n"
        do {
            _ = try Self.policy(text)
            Issue.record("was accepted")
        } catch {
            #expect(error.faults.map(\.place) == ["omitStages[0]", "rules[1].user", "rules[1].level"])
        }
    }

    @Test(arguments: [
        "{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":[{\"level\":\"None\"}]}",
        "\(header)metadata: {name: p}\nomitStages:\nomitManagedFields:\nrules: [{level: Metadata, users: null, resources: null}]\n",
        rule("nonResourceURLs: ['*', '/healthz*', /livez]"),
        rule("resources: [{}, {group: '*', resources: ['*/log']}]"),
        rule("namespaces: ['']"), rule("omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]"),
    ])
    func accepts(_ text: String) throws { #expect(try Self.policy(text).rules.count == 1) }

    // MARK: matching

    static func info(_ target: String, _ method: HTTPMethod = .GET) throws -> RequestInfo {
        let target = try RequestTarget(target)
        return try RequestInfo(method: method, target: target, query: QueryItems(parsing: target.query ?? ""))
    }

    static let alice = UserInfo(name: "alice", groups: ["dev", "system:authenticated"])
    static let thing = "/apis/g/v1/namespaces/n/things/a"

    static let matching: [(String, String, Bool)] = [
        ("users: [alice]", thing, true), ("users: [bob, alice]", thing, true), ("users: [bob]", thing, false),
        ("userGroups: [ops, dev]", thing, true), ("userGroups: [ops]", thing, false),
        ("verbs: [get]", thing, true), ("verbs: [list]", thing, false), ("verbs: [get]", "/livez", true),
        ("namespaces: ['n']", thing, true), ("namespaces: [m]", thing, false), ("namespaces: ['']", thing, false),
        ("namespaces: ['']", "/apis/g/v1/things", true), ("namespaces: ['n']", "/livez", false),
        ("resources: [{group: g}]", thing, true), ("resources: [{group: h}]", thing, false),
        ("resources: [{group: '*'}]", thing, true), ("resources: [{}]", thing, false),
        ("resources: [{}]", "/api/v1/pods", true), ("resources: [{group: g}]", "/apis/g/v1", false),
        ("resources: [{group: g, resources: [things]}]", thing, true),
        ("resources: [{group: g, resources: [other]}, {group: g, resources: [things]}]", thing, true),
        ("resources: [{group: g, resources: [things]}]", thing + "/status", false),
        ("resources: [{group: g, resources: [things/status]}]", thing + "/status", true),
        ("resources: [{group: g, resources: [things/status]}]", thing, false),
        ("resources: [{group: g, resources: ['things/*']}]", thing + "/status", true),
        ("resources: [{group: g, resources: ['things/*']}]", thing, true),
        ("resources: [{group: g, resources: ['*/status']}]", thing + "/status", true),
        ("resources: [{group: g, resources: ['*/status']}]", thing, false),
        ("resources: [{group: g, resources: ['*']}]", thing + "/log", true),
        ("resources: [{group: g, resources: [things], resourceNames: [a, b]}]", thing, true),
        ("resources: [{group: g, resources: [things], resourceNames: [b]}]", thing, false),
        ("resources: [{group: g}], namespaces: [m]", thing, false),
        ("nonResourceURLs: [/livez]", "/livez", true), ("nonResourceURLs: [/livez]", "/livez/ping", false),
        ("nonResourceURLs: ['/livez*']", "/livez/ping", true), ("nonResourceURLs: ['*']", "/x", true),
        ("nonResourceURLs: ['*']", thing, false), ("nonResourceURLs: [/metrics]", "/livez", false),
        ("users: [alice], verbs: [get], namespaces: ['n'], resources: [{group: g, resources: [things]}]", thing, true),
        (
            "users: [alice], verbs: [list], namespaces: ['n'], resources: [{group: g, resources: [things]}]", thing,
            false
        ),
    ]

    @Test(arguments: matching)
    func matches(_ fields: String, _ target: String, _ expected: Bool) throws {
        let policy = try Self.policy(Self.rule(fields))
        let verdict = policy.verdict(on: try Self.info(target), by: Self.alice)
        #expect(verdict.level == (expected ? .metadata : .none))
    }

    @Test func aRuleOfUsersNeverMatchesWhoIsUnknown() throws {
        for fields in ["users: ['']", "users: [alice]", "userGroups: [dev]"] {
            #expect(try Self.policy(Self.rule(fields)).verdict(on: try Self.info("/x"), by: nil).level == .none)
        }
        #expect(try Self.policy(Self.rule("verbs: [get]")).verdict(on: try Self.info("/x"), by: nil).level == .metadata)
    }

    @Test func namesAreComparedByTheirBytes() throws {
        let composed = UserInfo(name: "\u{E9}")
        let policy = try Self.policy(Self.rule("users: [\"e\u{301}\"]"))
        #expect(policy.verdict(on: try Self.info("/x"), by: composed).level == .none)
    }

    @Test func theFirstRuleThatMatchesCounts() throws {
        let policy = try Self.policy(
            """
            \(Self.header)omitStages: [RequestReceived]
            omitManagedFields: true
            rules:
            - {level: None, nonResourceURLs: ['/livez*']}
            - {level: RequestResponse, verbs: [get], omitStages: [Panic], omitManagedFields: false}
            - {level: Request}
            """)
        #expect(
            policy.verdict(on: try Self.info("/livez"), by: Self.alice)
                == AuditVerdict(
                    level: .none, omittedStages: [.requestReceived], omitsManagedFields: true))
        #expect(
            policy.verdict(on: try Self.info(Self.thing), by: Self.alice)
                == AuditVerdict(
                    level: .requestResponse, omittedStages: [.requestReceived, .panic], omitsManagedFields: false))
        #expect(
            policy.verdict(on: try Self.info(Self.thing, .DELETE), by: Self.alice)
                == AuditVerdict(
                    level: .request, omittedStages: [.requestReceived], omitsManagedFields: true))
    }
}
