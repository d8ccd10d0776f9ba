import APIMachinery
import TestSupport
import Testing

/// R17: rules for names (conformance 8.14).
struct NamesTests {
    static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test(arguments: ["a", "0", "a-b", "a--b", "1a", repeated("a", 63)])
    func legalLabels(text: String) {
        #expect(Names.dns1123Label(text) == [])
        #expect(Names.dns1123Subdomain(text) == [])
    }

    @Test(arguments: ["", "-a", "a-", "A", "a_b", "a b", "ä", "a\0", "a\n", "a/b", "é", "a\u{301}"])
    func illegalLabels(text: String) {
        #expect(Names.dns1123Label(text).count == 1)
        #expect(Names.dns1123Subdomain(text).count == 1)
    }

    @Test func messagesAreKubernetesOwn() {
        #expect(
            Names.dns1123Subdomain("A") == [
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                    + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ])
        #expect(
            Names.dns1123Label("A") == [
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
                    + "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
                    + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ])
        #expect(Names.dns1123Label("a.b") == ["must not contain dots"])
        #expect(Names.dns1123Label(Self.repeated("a", 64)) == ["must be no more than 63 bytes"])
    }

    @Test(arguments: ["a.b", "a.0-1.c", repeated("a.", 126) + "a"]) func legalSubdomains(text: String) {
        #expect(Names.dns1123Subdomain(text) == [])
    }

    @Test(arguments: [".", "a.", ".a", "a..b", "a.-b", repeated("a.", 127) + "a"]) func illegalSubdomains(text: String)
    {
        #expect(Names.dns1123Subdomain(text).count == 1)
    }

    @Test(arguments: ["a", "A-_.9", "a.b/C_d", repeated("a", 63), "a/" + repeated("b", 63)])
    func legalQualifiedNames(text: String) {
        #expect(Names.qualifiedName(text) == [])
        #expect(Names.annotationKey(text.uppercased()) == [])
    }

    @Test(arguments: [
        ("", 2), ("/a", 1), ("a/", 2), ("a/b/c", 1), ("A/b", 1), ("-a", 1), ("a-", 1), ("a b", 1),
        (repeated("a", 64), 1), ("ä", 1),
    ])
    func illegalQualifiedNames(text: String, faults: Int) {
        #expect(Names.qualifiedName(text).count == faults)
    }

    @Test(arguments: [
        ("", 0), ("a", 0), ("A.b_c-9", 0), ("-", 1), ("a.", 1), ("a/b", 1), (repeated("a", 64), 1),
        (repeated("-", 64), 2),
    ])
    func labelValues(text: String, faults: Int) {
        #expect(Names.labelValue(text).count == faults)
    }

    @Test(arguments: [
        (".", "may not be '.'"), ("..", "may not be '..'"), ("a/b", "may not contain '/'"),
        ("a%", "may not contain '%'"),
    ])
    func pathSegments(text: String, message: String) {
        #expect(Names.pathSegment(text) == [message])
        #expect(Names.pathSegment("ok...") == [])
    }

    @Test func survivesMutatedTexts() {
        var random = SeededRandom(seed: 6)
        for _ in 0..<3000 {
            let text = String(
                decoding: random.mutate(["example.com/my-Name_1", "a.b-c.d"], marks: "-_./A"), as: UTF8.self)
            for rule in [Names.dns1123Label, Names.dns1123Subdomain, Names.qualifiedName, Names.labelValue] {
                if rule(text).isEmpty { #expect(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }) }
            }
        }
    }
}

struct NameGeneratorTests {
    @Test func addsFiveCharacters() {
        let generator = NameGenerator { count in Array(repeating: 0, count: count) }
        #expect(generator.make("run-") == "run-bbbbb")
        #expect(generator.make(String(repeating: "a", count: 70)) == String(repeating: "a", count: 58) + "bbbbb")
    }

    @Test func drawsEvenlyFromTheAlphabet() {
        let generator = NameGenerator { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }
        for _ in 0..<100 { #expect(generator.make("").allSatisfy { "bcdfghjklmnpqrstvwxz2456789".contains($0) }) }
    }

    @Test func aBrokenSourceDoesNotHang() {
        #expect(NameGenerator { _ in [255] }.make("a").count == 6)
        #expect(NameGenerator { _ in [] }.make("a") == "a")
    }
}

/// R18: warning headers (conformance 8.10).
struct WarningTextTests {
    @Test func quotesAndDeduplicates() {
        #expect(
            WarningText.headerValues(["unknown field \"spec.x\"", "a\\b\nc", "", "unknown field \"spec.x\""])
                == [#"299 - "unknown field \"spec.x\"""#, #"299 - "a\\b c""#])
    }

    @Test func tooManyAreCutThenDropped() {
        let texts = (0..<30).map { "\($0) " + String(repeating: "x", count: 300) }
        let values = WarningText.headerValues(texts)
        #expect(values.count == 16)
        #expect(values.allSatisfy { $0.count == 256 + 8 })
        #expect(WarningText.headerValues(Array(texts.prefix(3))).allSatisfy { $0.count > 300 })
    }
}
