import APIMachinery
import APIServer
import Foundation
import Logging
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

struct RetentionRulesTests {
    private static func decode(_ text: String) throws -> [RetentionPolicy.Rule] {
        try RetentionRulesDecoder.decode(SourceFile(path: "rules.yaml", bytes: Array(text.utf8)))
    }

    private static let head = "apiVersion: profefe.io/v1\nkind: RetentionRules\n"

    @Test func theFirstRuleThatMatchesCountsThenTheNamespaceThenTheFallback() throws {
        let rules = try Self.decode(
            Self.head + """
                metadata: {name: mine}
                rules:
                - {namespaces: [shop], types: [heap, trace], retention: 720h}
                - {types: [trace], retention: 24h}
                - {namespaces: [audit], retention: 0}
                - {namespaces: [other], retention: "0"}
                """)
        let policy = RetentionPolicy(
            .seconds(5), rules: rules, namespaces: ["shop": .seconds(7), "audit": .seconds(9)])
        for (namespace, type, lifetime) in [
            ("shop", "heap", .seconds(720 * 3600)), ("shop", "trace", .seconds(720 * 3600)),
            ("shop", "cpu", .seconds(7)),
            ("cart", "trace", .seconds(24 * 3600)), ("cart", "cpu", .seconds(5)), ("audit", "cpu", .forever),
            ("audit", "trace", .seconds(24 * 3600)), ("other", "cpu", .forever),
        ] as [(String, String, RetentionPolicy.Lifetime)] {
            #expect(policy.lifetime(namespace: namespace, class: type) == lifetime, "\(namespace) \(type)")
        }
    }

    @Test func noRulesAreRulesToo() throws {
        #expect(try Self.decode(Self.head + "rules: []") == [])
        #expect(try Self.decode(#"{"apiVersion":"profefe.io/v1","kind":"RetentionRules","rules":[]}"#) == [])
    }

    @Test(
        arguments: [
            ("a: [", ["line 2"]), ("[]", [""]), ("{}", ["apiVersion", "kind", "rules"]), (head, ["rules"]),
            (head + "rules: {}", ["rules"]), (head + "rule: []\nrules: []", ["rule"]),
            (head + "rules: [5]", ["rules[0]"]),
            (head + "rules: []\nrules: []", ["rules"]), (head + "rules: [{}]", ["rules[0].retention"]),
            (
                head + "rules: [{retention: 5d}, {types: [heap], retention: 240}]",
                ["rules[0].retention", "rules[1].retention"]
            ),
            (
                head + "rules: [{retention: -1h, types: [heap]}, {retention: 1ms}]",
                ["rules[0].retention", "rules[1].retention"]
            ),
            (head + "rules: [{retention: 876001h}]", ["rules[0].retention"]),
            (
                head + "rules: [{retention: 1h, types: [heap, heaps, 7], namespaces: [a b]}]",
                ["rules[0].namespaces[0]", "rules[0].types[1]", "rules[0].types[2]"]
            ),
            (
                head + "rules: [{retention: 1h, types: [], namespaces: shop, type: heap}]",
                ["rules[0].type", "rules[0].namespaces", "rules[0].types"]
            ),
            (head + "rules: [{retention: 1h}, {retention: 2h}]", ["rules[1]"]),
        ] as [(String, [String])])
    func everyFaultIsToldAtOnceWithItsPlace(_ text: String, _ places: [String]) {
        do {
            _ = try Self.decode(text)
            Issue.record("it was taken")
        } catch {
            #expect((error as? DocumentError)?.faults.map(\.place).sorted() == places.sorted(), "\(error)")
            #expect("\(error)".hasPrefix("rules.yaml: "))
        }
    }

    @Test func aFileThatChangesIsFollowedAndAFaultyOneLeavesTheLastGoodRules() throws {
        let directory = try TemporaryDirectory("rules")
        try directory.write(Self.head + "rules: [{retention: 1h}]", "rules.yaml")
        let rules = try RetentionRules(
            directory.path("rules.yaml"), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(rules.value.map(\.lifetime) == [.seconds(3600)])
        try directory.write(Self.head + "rules: [{retention: 2h}, {retention: 3 hours}]", "rules.yaml")
        rules.reloadIfChanged()
        #expect(rules.value.map(\.lifetime) == [.seconds(3600)])
        try directory.write(Self.head + "rules: [{types: [cpu], retention: 2h}, {retention: 3h}]", "rules.yaml")
        rules.reloadIfChanged()
        #expect(rules.value.map(\.lifetime) == [.seconds(7200), .seconds(10_800)])
    }
}
