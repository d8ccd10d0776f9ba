import APIMachinery
import TestSupport
import Testing

struct YAMLTests {
    /// YAML and the JSON that `kubectl label --local -o json` made of it, where it isn't our own word.
    static let accepted: [(String, String)] = [
        ("a: 1", #"{"a":1}"#),
        ("- y\n- n\n- yes\n- No\n- on\n- OFF\n- TRUE\n- f", #"[true,false,true,false,true,false,true,"f"]"#),
        ("[~, null, Null, nil]", #"[null,null,null,"nil"]"#), ("a:\nb: ''", #"{"a":null,"b":""}"#),
        (
            "[0x1F, 0o17, 017, 08, 0b11, 1_000, +1, 0x_1, -0b11, 1__0, -017, 012_3, -0]",
            "[31,15,15,8,3,1000,1,1,-3,10,-15,83,0]"
        ),
        ("[1.0, 1e3, .5, 1., 0.1e-7, 1.5_0, +.5, 1e21]", "[1,1000,0.5,1,1e-8,1.5,0.5,1e+21]"),
        ("[_1, ._5, 1e400, 0x, 1e, '', --1, 1-1, +, .]", #"["_1","._5","1e400","0x","1e","","--1","1-1","+","."]"#),
        (
            "[9223372036854775807, -9223372036854775808, 18446744073709551615]",
            "[9223372036854775807,-9223372036854775808,18446744073709551615]"
        ),
        ("[18446744073709551616, -9223372036854775809]", "[18446744073709552000,-9223372036854776000]"),
        (
            "[1:30, 2001-01-01, 2001-12-14t21:59:43.10-05:00, '=']",
            #"["1:30","2001-01-01","2001-12-14t21:59:43.10-05:00","="]"#
        ),
        (
            #"["1", 'true', "\x41\u00e9\n", !!str 12, !!int "3", !!float 3, !foo bar, !!null '', ! 1]"#,
            #"["1","true","Aé\n","12",3,3,"bar",null,"1"]"#
        ),
        ("!!binary |\n  aGVs\n  bG8=\n", #""hello""#),
        ("{1: a, true: b, 1.50: c, yes: d}", #"{"1":"a","true":"d","1.5":"c"}"#),
        (
            "a: &b {x: 1, z: 2}\nc: {x: 5, <<: *b}\nd: {<<: *b, x: 5}",
            #"{"a":{"x":1,"z":2},"c":{"x":1,"z":2},"d":{"x":5,"z":2}}"#
        ),
        ("<<: [{a: 1, b: 1}, {a: 2, c: 2}]\n'<<': q", #"{"a":1,"c":2,"b":1,"<<":"q"}"#),
        ("a: |\n  x\n   y\n\nb: >-\n  p\n  q\nc: |+\n  z\n\n", #"{"a":"x\n y\n","b":"p q","c":"z\n\n"}"#),
        ("a: &x [1]\nb: *x\n&k c: *k", #"{"a":[1],"b":[1],"c":"c"}"#),
        ("a: &x 1\nb: &x 2\nc: *x", #"{"a":1,"b":2,"c":2}"#),
        ("{\"json\": [1, {\"a\": null}]}", #"{"json":[1,{"a":null}]}"#), ("\u{FEFF}a: é🚀", #"{"a":"é🚀"}"#),
        ("# only\n---\n# nothing\n---\nx: 1\n---\n", #"{"x":1}"#), ("null", "null"),
        ("%YAML 1.1\n---\na: b\n...\n", #"{"a":"b"}"#),
        ("spec:\n- a: b\n  c: d\n-\n  - e\n", #"{"spec":[{"a":"b","c":"d"},["e"]]}"#),
    ]

    @Test(arguments: accepted)
    func readsAsSigsYAMLDoes(yaml: String, json: String) throws {
        let document = try YAML.parse(Array(yaml.utf8))
        let expected = try JSONValue.parse(Array(json.utf8))
        #expect(document.value == expected, "got \(String(decoding: document.value.encoded(), as: UTF8.self))")
    }

    /// Each with its line.
    static let refused: [(String, YAMLError.Code, Int)] = [
        ("", .empty, 1), ("# a\n---\n", .empty, 1), ("a: 1\n---\nb: 2", .manyDocuments, 1), ("a: [1", .syntax, 2),
        ("a: b: c", .syntax, 1),
        ("a:\n\t- b", .syntax, 2), ("a: 'x", .syntax, 1), ("- a\nb: c", .syntax, 2), ("@a", .syntax, 1),
        ("\"\\q\"", .syntax, 1),
        ("a: 1\nb: \u{0}", .encoding, 2), ("a\u{1}", .encoding, 1), ("\u{FFFE}", .encoding, 1),
        ("a: *b", .unknownAnchor, 1),
        ("&a [*a]", .recursiveAlias, 1), ("x:\n  &a {k: [*a]}", .recursiveAlias, 2),
        ("a: &x 1\n---\nb: *x", .unknownAnchor, 3),
        ("~: 1", .badKey, 1), ("[1]: 2", .badKey, 1), ("a: 1\n? {b: c}\n: d", .badKey, 2), ("&a [1]: 2", .badKey, 1),
        ("<<: 1", .badMerge, 1), ("<<: [1]", .badMerge, 1), ("!!int x", .badTag, 1), ("!!int 1.5", .badTag, 1),
        ("!!bool 1", .badTag, 1),
        ("!!binary '*'", .badTag, 1), ("a: 1\nb: .inf", .badNumber, 2), ("[-.Inf, .nan]", .badNumber, 1),
    ]

    @Test(arguments: refused)
    func refusesTheRestAtItsPlace(yaml: String, code: YAMLError.Code, line: Int) {
        let error = #expect(throws: YAMLError.self) { try YAML.parse(Array(yaml.utf8)) }
        #expect(error?.code == code, "\(String(describing: error))")
        if code != .syntax { #expect(error?.line == line) }
    }

    @Test(
        arguments: [
            [0x61, 0x3A, 0x20, 0xFF], [0xFF, 0xFE, 0x61, 0x00], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
        ] as [[UInt8]])
    func refusesWhatIsNoUTF8(bytes: [UInt8]) {
        let error = #expect(throws: YAMLError.self) { try YAML.parse(bytes) }
        #expect(error?.code == .encoding)
    }

    @Test
    func readsManyDocumentsAndLeavesOutEmptyOnes() throws {
        let documents = try YAML.parseAll(Array("a: 1\n---\n---\n# x\n---\n- b\n".utf8))
        #expect(documents.map(\.value) == [["a": 1], ["b"]])
        #expect(try YAML.parseAll([]).isEmpty)
    }

    @Test(arguments: [
        ("a: 1\na: 2", ["a"]), ("spec:\n  size: 1\n  size: 2", ["spec.size"]),
        ("s: {i: [{x: 1, x: 2}, {x: 1}]}", ["s.i[0].x"]),
        ("1: a\n'1': b", ["1"]), ("b: &b {x: 1}\nc: {<<: *b, x: 2}", []),
        ("b: &b {x: 1}\nc: {<<: *b, x: 2, x: 3}", ["c.x"]),
    ])
    func reportsKeysWrittenTwice(yaml: String, paths: [String]) throws {
        #expect(try YAML.parse(Array(yaml.utf8)).duplicateFields == paths)
    }

    static func bomb(_ levels: Int, leaf: String, width: Int) -> [UInt8] {
        var text = "a0: &a0 [\(leaf)]\n"
        for level in 1...levels {
            let aliases = Array(repeating: "*a\(level - 1)", count: width).joined(separator: ",")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        return Array(text.utf8)
    }

    @Test(arguments: [
        bomb(9, leaf: "lol", width: 9), bomb(4, leaf: String(repeating: "x", count: 10_000), width: 9),
        bomb(60, leaf: "a", width: 2),
        Array(("x: &x {" + (0..<2000).map { "k\($0): 1" }.joined(separator: ",") + "}\n").utf8)
            + Array((0..<1000).map { "m\($0): {<<: *x}\n" }.joined().utf8),
    ])
    func refusesAliasBombs(bytes: [UInt8]) {
        let error = #expect(throws: YAMLError.self) { try YAML.parse(bytes) }
        #expect(error?.code == .tooManyNodes)
    }

    @Test
    func countsAliasesIntoTheDepth() {
        var text = "a0: &a0 [x]\n"
        for level in 1...600 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        let error = #expect(throws: YAMLError.self) { try YAML.parse(Array(text.utf8)) }
        #expect(error?.code == .tooDeep)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func refusesTenThousandLevels(open: String) throws {
        let error = #expect(throws: YAMLError.self) {
            try YAML.parse(Array(String(repeating: open, count: 10_000).utf8))
        }
        #expect(error?.code == (open == "? " ? .badKey : .tooDeep))
        let blocks = (0..<10_000).map { "\($0)" }.prefix(600).enumerated().map {
            String(repeating: " ", count: $0.offset) + "a:\n"
        }
        #expect(throws: YAMLError.self) { try YAML.parse(Array(blocks.joined().utf8)) }
        #expect(throws: YAMLError.self) { try YAML.parse(Array("[[[1]]]".utf8), limits: YAMLLimits(depth: 2)) }
        #expect(try YAML.parse(Array("[[1]]".utf8), limits: YAMLLimits(depth: 2)).value == [[1]])
    }

    @Test
    func refusesTextsOverTheLimitOfBytes() {
        let error = #expect(throws: YAMLError.self) { try YAML.parse(Array("a: 1".utf8), limits: YAMLLimits(bytes: 3)) }
        #expect(error?.code == .tooLarge)
    }

    @Test
    func survivesMutatedTexts() {
        var random = SeededRandom(seed: 4)
        var values = RandomJSON(random: SeededRandom(seed: 5))
        for round in 0..<700 {
            #expect(
                fuzzYAML(random.mutate(YAML.encode(values.value()), pieces: jsonMarks, changes: 1...8)),
                "round \(round)")
        }
        for text in Self.refused.map(\.0) + Self.accepted.map(\.0) {
            for _ in 0..<10 {
                let bytes = random.mutate(Array(text.utf8), pieces: jsonMarks, changes: 1...8)
                #expect(fuzzYAML(bytes), "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            }
        }
    }
}
