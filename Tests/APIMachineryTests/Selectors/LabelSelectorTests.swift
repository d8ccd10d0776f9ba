import APIMachinery
import Testing

/// L06: the grammar of label selectors (conformance 8.2) and the messages of Kubernetes' `labels.Parse`.
struct LabelSelectorTests {
    @Test(
        arguments: [
            ("", ""), ("  ", ""), ("a", "a"), ("!a", "!a"), (" ! a ", "!a"), ("a=b", "a=b"), ("a==b", "a=b"),
            ("a = b , c", "a=b,c"), ("a!=b", "a!=b"), ("a in (b)", "a=b"), ("a in (c,b,c)", "a in (b,c)"),
            ("a notin(b,c)", "a notin (b,c)"), ("a in ()", "a="), ("a in (b,)", "a in (,b)"), ("a in (,)", "a="),
            ("a in (,,b)", "a in (,b)"), ("a=", "a="), ("a=,b", "a=,b"), ("n>5", "n>5"), ("n < 5", "n<5"),
            ("b,a", "a,b"), ("in=notin", "in=notin"), ("in in (in,notin)", "in in (in,notin)"),
            ("example.com/App_1.x=V-1", "example.com/App_1.x=V-1"), ("a\t=\n\rb", "a=b"), ("notin", "notin"),
            ("profefe.io/created-at>1763712000", "profefe.io/created-at>1763712000"),
        ])
    func readsTheGrammar(text: String, canonical: String) throws {
        let selector = try LabelSelector(parsing: text)
        #expect(selector.description == canonical)
        #expect(try LabelSelector(parsing: canonical) == selector)
    }

    static let name =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    static let value =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

    @Test(
        arguments: [
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a,", "found '', expected: identifier after ','"),
            ("a,,b", "found ',', expected: identifier after ','"),
            (",a", "found ',', expected: !, identifier, or 'end of string'"),
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("!!a", "unable to parse requirement: found '!', expected: identifier"),
            ("!a=b", "found '=', expected: ',' or 'end of string'"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
            ("a in (b,", "unable to parse requirement: found '', expected: ',', or identifier"),
            ("a in (=", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
            ("a in (b,=)", "unable to parse requirement: found '=', expected: ',', or identifier"),
            (
                "n>x",
                "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"
            ),
            (
                "n>",
                "unable to parse requirement: values[0]: Invalid value: \"\": for 'Gt', 'Lt' operators, the value must be an integer"
            ),
            (
                "n>9223372036854775808",
                "unable to parse requirement: values[0]: Invalid value: \"9223372036854775808\": for 'Gt', 'Lt' operators, the value must be an integer"
            ),
            ("n<-5", "unable to parse requirement: values[0][n]: Invalid value: \"-5\": \(value)"),
            ("-a", "unable to parse requirement: <nil>: Invalid value: \"-a\": \(name)"),
            (
                "a/b/c",
                "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a qualified name \(name.dropFirst(10)) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ),
            ("a=-b", "unable to parse requirement: values[0][a]: Invalid value: \"-b\": \(value)"),
            ("a\0b", "unable to parse requirement: <nil>: Invalid value: \"a\\x00b\": \(name)"),
        ])
    func refusesEverythingElse(text: String, message: String) {
        #expect(throws: SelectorError(message)) { try LabelSelector(parsing: text) }
    }

    @Test(
        arguments: [
            ("a", true), ("!a", false), ("z", false), ("!z", true), ("a=1", true), ("a=2", false), ("z=", false),
            ("e=", true), ("a!=1", false), ("a!=2", true), ("z!=1", true), ("a in (1,2)", true), ("a in (2)", false),
            ("z in (1)", false), ("a notin (1)", false), ("a notin (2)", true), ("z notin (1)", true), ("a>0", true),
            ("a>1", false), ("a<2", true), ("a<1", false), ("z>0", false), ("t>0", false), ("t<9", false),
            ("a,e,!z", true), ("a,z", false), ("big>9223372036854775806", true), ("", true), ("e>0", false),
            ("n<0", true), ("p>4", true),
        ])
    func matchesAsKubernetesDoes(text: String, matches: Bool) throws {
        let labels: Labels = ["a": "1", "e": "", "t": "text", "big": "9223372036854775807", "n": "-5", "p": "05"]
        #expect(try LabelSelector(parsing: text).matches(labels) == matches)
    }

    @Test func anExactMatchIsASingleValue() throws {
        let selector = try LabelSelector(parsing: "a=1,b in (2),c in (1,2),d!=1,e")
        #expect(selector.requiresExactMatch("a") == "1")
        #expect(selector.requiresExactMatch("b") == "2")
        #expect(["c", "d", "e", "f"].allSatisfy { selector.requiresExactMatch($0) == nil })
    }

    @Test func longKeysAndValuesAreRefused() {
        let long = String(repeating: "a", count: 64)
        for text in [long, "a=\(long)", "\(String(repeating: "a.", count: 126))aa/b"] {
            #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
        }
        #expect(throws: Never.self) { try LabelSelector(parsing: "\(long.dropLast())=\(long.dropLast())") }
    }
}
