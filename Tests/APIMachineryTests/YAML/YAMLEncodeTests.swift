import APIMachinery
import TestSupport
import Testing

struct YAMLEncodeTests {
    private func text(_ value: JSONValue) -> String { String(decoding: YAML.encode(value), as: UTF8.self) }

    /// Word for word what `kubectl label --local -o yaml` printed.
    @Test
    func looksLikeKubectls() {
        let value: JSONValue = [
            "kind": "Foo", "apiVersion": "x.io/v1", "metadata": ["name": "a", "labels": ["x": "y"]],
            "spec": [
                "a10": 1, "a2": 2, "true": "t", "1": "one", "text": "a\n b\n", "lead": "  x\ny", "s": "1:30",
                "tab": "a\tb", "n": nil,
                "nested": [[1, 2], [["a": "b", "c": "d"]], [], [:]], "when": "2001-01-01",
                "list": ["y", "0x_1", "_1", ""], "b": true,
            ],
        ]
        #expect(
            text(value) == """
                apiVersion: x.io/v1
                kind: Foo
                metadata:
                  labels:
                    x: "y"
                  name: a
                spec:
                  "1": one
                  a2: 2
                  a10: 1
                  b: true
                  lead: |2-
                      x
                    y
                  list:
                  - "y"
                  - "0x_1"
                  - _1
                  - ""
                  "n": null
                  nested:
                  - - 1
                    - 2
                  - - a: b
                      c: d
                  - []
                  - {}
                  s: "1:30"
                  tab: "a\\tb"
                  text: |
                    a
                     b
                  "true": t
                  when: "2001-01-01"

                """)
    }

    @Test(arguments: [
        ("a", "a"), ("a b", "a b"), ("true", "\"true\""), ("~", "\"~\""), ("1.5", "\"1.5\""), ("1.5.1", "1.5.1"),
        ("0x", "0x"),
        ("2024-01-01", "\"2024-01-01\""), ("2024-01-01T10:00:00Z", "\"2024-01-01T10:00:00Z\""),
        ("2024-01-foo", "2024-01-foo"),
        ("1:30", "\"1:30\""), ("1:70", "1:70"), ("10:abc", "10:abc"), ("- a", "'- a'"), ("a: b", "'a: b'"),
        ("#a", "'#a'"),
        ("a#b", "a#b"), ("it's", "it's"), ("a: it's", "'a: it''s'"), ("*", "'*'"), ("{}", "'{}'"), ("%", "'%'"),
        ("@", "'@'"),
        ("\u{7}", #""\a""#), ("<<", "\"<<\""), ("http://a:80/b?c#d", "http://a:80/b?c#d"), ("1Gi", "1Gi"),
        (".inf", "\".inf\""),
    ])
    func quotesWhatWouldBeReadAsSomethingElse(value: String, yaml: String) {
        #expect(text(["k": .string(value)]) == "k: \(yaml)\n")
    }

    @Test
    func ordersKeysAsSigsYAMLDoes() {
        let keys = ["ab", "a10", "a2", "a-b", "B", "a", "_", "a02", "a/b", "1", "10", "9"]
        let object = JSONObject(keys.map { ($0, 0) })
        #expect(
            text(.object(object)).split(separator: "\n").map { $0.dropLast(3).filter { $0 != "\"" } }
                == ["_", "1", "9", "10", "B", "a", "a-b", "a/b", "a2", "a02", "a10", "ab"])
    }

    @Test
    func readsBackAsTheSame() throws {
        var values = RandomJSON(random: SeededRandom(seed: 6))
        for _ in 0..<700 {
            let value = values.value()
            let yaml = YAML.encode(value)
            #expect(try YAML.parse(yaml).value == value, "\(String(decoding: yaml, as: UTF8.self))")
        }
        for depth in [0, 1, 510] {
            var value: JSONValue = "x"
            for level in 0..<depth { value = level % 2 == 0 ? [value] : ["k": value] }
            #expect(try YAML.parse(YAML.encode(value)).value == value)
        }
    }
}
