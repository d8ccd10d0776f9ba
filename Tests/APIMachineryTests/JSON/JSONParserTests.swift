import APIMachinery
import TestSupport
import Testing

struct JSONParserTests {
    /// In the manner of JSONTestSuite's y_ files, with what comes out.
    static let accepted: [(String, JSONValue)] = [
        ("null", .null), ("true", true), (" false\r\n\t", false), ("0", 0), ("-0", 0), ("-1", -1), ("42", 42),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", number("9223372036854775808")), ("1.0", number("1.0")), ("1E400", number("1E400")),
        ("-0.5e-7", number("-0.5e-7")), ("0e1", number("0e1")),
        ("100000000000000000000", number("100000000000000000000")),
        (#""""#, ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000""#, "\u{0}"), (#""\u00e9é""#, "éé"),
        (#""\uD83D\uDE80""#, "🚀"), (#""\uFFFF""#, "\u{FFFF}"), ("\"\u{7F}\"", "\u{7F}"), ("\"\u{2028}\"", "\u{2028}"),
        ("[]", []), ("[ ]", []), ("[[]]", [[]]), ("[1,2 , 3]", [1, 2, 3]), ("{}", [:]), (#"{"":0}"#, ["": 0]),
        (#"{ "a" : { "b" : [ null ] } }"#, ["a": ["b": [nil]]]),
        // Go's reading of halves of pairs, and of bytes that are no UTF-8.
        (#""\uD800""#, "\u{FFFD}"), (#""\uDC00x""#, "\u{FFFD}x"), (#""\uD800\uD83D\uDE80""#, "\u{FFFD}🚀"),
        (#""\uD800\n""#, "\u{FFFD}\n"), (#""\uD800\u0041""#, "\u{FFFD}A"),
    ]

    static func number(_ literal: String) -> JSONValue { JSONNumber(literal: literal).map(JSONValue.number) ?? .null }

    @Test(arguments: accepted)
    func readsWhatRFC8259Allows(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).value == value)
    }

    /// In the manner of JSONTestSuite's n_ files; each with its offset.
    static let refused: [(String, JSONError.Code, Int)] = [
        ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("{", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1),
        ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), ("\"abc", .unexpectedEnd, 4),
        ("\"\\", .unexpectedEnd, 2),
        (#"{"a""#, .unexpectedEnd, 4), (#"{"a":"#, .unexpectedEnd, 5), ("tru", .unexpectedEnd, 3),
        ("-", .unexpectedEnd, 1),
        ("1.", .unexpectedEnd, 2), ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
        (#""\u12"#, .unexpectedEnd, 5),
        ("01", .syntax, 1), ("-01", .syntax, 2), ("+1", .syntax, 0), (".5", .syntax, 0), ("1.e1", .syntax, 2),
        ("-a", .syntax, 1), ("NaN", .syntax, 0), ("Infinity", .syntax, 0), ("-Infinity", .syntax, 1),
        ("nul1", .syntax, 3),
        ("True", .syntax, 0), ("'a'", .syntax, 0), ("[1,]", .syntax, 3), ("[,1]", .syntax, 1), ("[1 2]", .syntax, 3),
        ("[1}", .syntax, 2), ("{\"a\":1,}", .syntax, 7), ("{a:1}", .syntax, 1), ("{1:1}", .syntax, 1),
        (#"{"a" 1}"#, .syntax, 5), (#"{"a"::1}"#, .syntax, 5), ("{\"a\":1]", .syntax, 6), ("\"\n\"", .syntax, 1),
        ("\"a\tb\"", .syntax, 2), ("\"\u{0}\"", .syntax, 1), (#""\x41""#, .syntax, 2), (#""\u00G0""#, .syntax, 5),
        ("// a\n1", .syntax, 0), ("/* */1", .syntax, 0), ("\u{FEFF}1", .syntax, 0), ("\u{A0}1", .syntax, 0),
        ("\u{C}1", .syntax, 0), ("]", .syntax, 0), ("1 2", .trailingData, 2), ("{}{}", .trailingData, 2),
        ("[]]", .trailingData, 2), ("1x", .trailingData, 1), ("0x1", .trailingData, 1), ("1\u{0}", .trailingData, 1),
    ]

    @Test(arguments: refused)
    func refusesTheRestAtItsPlace(text: String, code: JSONError.Code, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
        #expect(error?.code == code)
        #expect(error?.offset == offset)
    }

    @Test
    func namesLineColumnAndWhatWasExpected() {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(Array("{\n  \"a\": 1\n  \"b\": 2}".utf8)) }
        #expect(error?.description == "line 3, column 3 (byte 13): expected ',' or '}' after a member, found '\"'")
    }

    @Test(
        arguments: [
            ([0xFF], "\u{FFFD}"), ([0xE2, 0x28], "\u{FFFD}("), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xC3, 0xA9, 0xFF], "é\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x9A], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)])
    func readsBytesThatAreNoUTF8AsGoDoes(bytes: [UInt8], text: String) throws {
        #expect(try JSONParser.parse([0x22] + bytes + [0x22]).value == .string(text))
        #expect(try JSONParser.parse([0x22, 0x5C, 0x6E] + bytes + [0x22]).value == .string("\n" + text))
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, ["a"], #"{"a":2}"#),
        (#"{"spec":{"size":1,"x":0,"size":2}}"#, ["spec.size"], #"{"spec":{"size":2,"x":0}}"#),
        (
            #"{"spec":{"items":[{"x":1,"x":{}}, {"x":1}]}}"#, ["spec.items[0].x"],
            #"{"spec":{"items":[{"x":{}},{"x":1}]}}"#
        ),
        (#"[[{"a":0},{"a":1,"\u0061":2}]]"#, ["[0][1].a"], #"[[{"a":0},{"a":2}]]"#),
        (#"{"a":1,"a":2,"a":3,"b":1,"b":1}"#, ["a", "b"], #"{"a":3,"b":1}"#),
        (#"{"a":1,"A":2}"#, [], #"{"a":1,"A":2}"#),
        ("{\"e\u{301}\":1,\"\u{E9}\":2}", [], "{\"e\u{301}\":1,\"\u{E9}\":2}"),
    ])
    func reportsFieldsWrittenTwiceAndKeepsTheLast(text: String, paths: [String], result: String) throws {
        let document = try JSONParser.parse(Array(text.utf8))
        #expect(document.duplicateFields == paths)
        #expect(String(decoding: document.value.encoded(), as: UTF8.self) == result)
    }

    @Test
    func boundsTheReportOfDuplicates() throws {
        let members = (0..<5000).map { "\"\($0)\":1,\"\($0)\":2" }.joined(separator: ",")
        let long = String(repeating: "k", count: 5000)
        #expect(try JSONParser.parse(Array("{\(members)}".utf8)).duplicateFields.count == 100)
        #expect(
            try JSONParser.parse(Array("{\"\(long)\":{\"a\":1,\"a\":1}}".utf8)).duplicateFields[0].utf8.count < 1100)
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func refusesTenThousandLevels(open: String, close: String) throws {
        let nested = { (depth: Int) in
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(10_000)) }
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(nested(513)) }
        #expect(error?.code == .tooDeep)
        #expect(error?.message.contains("512") == true)
        #expect(try JSONParser.parse(nested(512)).value.encoded() == nested(512))
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(9), limits: JSONLimits(depth: 8)) }
    }

    @Test
    func refusesTextsOverTheLimitOfBytes() throws {
        let error = #expect(throws: JSONError.self) {
            try JSONParser.parse(Array("[1,2]".utf8), limits: JSONLimits(bytes: 4))
        }
        #expect(error?.code == .tooLarge)
        #expect(try JSONParser.parse(Array("[12]".utf8), limits: JSONLimits(bytes: 4)).value == [12])
    }

    @Test
    func survivesMutatedTexts() {
        var random = SeededRandom(seed: 1)
        var values = RandomJSON(random: SeededRandom(seed: 2))
        for round in 0..<1500 {
            let bytes = random.mutate(values.value().encoded(), pieces: jsonMarks, changes: 1...8)
            #expect(fuzzJSON(bytes), "round \(round)")
        }
        for text in Self.refused.map(\.0) + Self.accepted.map(\.0) {
            for _ in 0..<10 {
                #expect(fuzzJSON(random.mutate(Array(text.utf8), pieces: jsonMarks, changes: 1...8)))
            }
        }
    }
}
