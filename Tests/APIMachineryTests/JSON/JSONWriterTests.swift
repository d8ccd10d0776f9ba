import APIMachinery
import TestSupport
import Testing

struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test
    func setsCommasByItself() {
        let json = text { writer in
            writer.beginObject()
            writer.field("a", 1)
            writer.field("b", "x")
            writer.object("c") { writer in
                writer.field("d", true)
                writer.array("e") { _ in }
                writer.object("f") { _ in }
            }
            writer.array("g") { writer in
                writer.null()
                writer.raw(Array("[0]".utf8))
                writer.double(1.5)
            }
            writer.field("h", raw: Array("{}".utf8))
            writer.field("i", ["p", "q"])
            writer.endObject()
        }
        #expect(json == #"{"a":1,"b":"x","c":{"d":true,"e":[],"f":{}},"g":[null,[0],1.5],"h":{},"i":["p","q"]}"#)
    }

    @Test
    func leavesOutWhatIsNotThere() {
        let json = text { writer in
            writer.beginObject()
            writer.fieldIfPresent("a", "")
            writer.fieldIfPresent("b", nil as Int64?)
            writer.fieldIfPresent("c", [])
            writer.fieldIfPresent("d", 0)
            writer.endObject()
        }
        #expect(json == #"{"d":0}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("a\"b\\c/", #""a\"b\\c/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""),
        ("<a>&", #""<a>&""#), ("\u{2028}é🚀", "\"\u{2028}é🚀\""),
        ("a long string with one \u{1}", #""a long string with one \u0001""#),
    ])
    func escapesWhatItMustAndNoMore(value: String, json: String) {
        #expect(text { $0.string(value) } == json)
    }

    @Test(arguments: [0, 7, -7, 10, 99, 100, .max, .min] as [Int64])
    func writesIntegers(value: Int64) {
        #expect(text { $0.integer(value) } == String(value))
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (1.5, "1.5"), (-0.1, "-0.1"), (100, "100"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"), (1.25e22, "1.25e+22"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.5e-9, "1.5e-9"),
            (123456.789, "123456.789"),
            (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (.nan, "null"),
            (.infinity, "null"),
        ] as [(Double, String)])
    func writesDoublesAsGoDoes(value: Double, json: String) {
        #expect(text { $0.double(value) } == json)
    }

    @Test
    func canBeUsedAgain() {
        var writer = JSONWriter(capacity: 64)
        writer.beginArray()
        writer.integer(1)
        writer.endArray()
        writer.removeAll()
        writer.string("x")
        #expect(writer.bytes == Array(#""x""#.utf8))
    }

    @Test
    func givesBackWhatItWrote() throws {
        var values = RandomJSON(random: SeededRandom(seed: 3))
        for _ in 0..<300 {
            let value = values.value()
            #expect(try JSONValue.parse(value.encoded()) == value)
        }
    }

    @Test(arguments: [
        ("{}", "{}"), ("[]", "[]"), ("[{},[]]", "[\n  {},\n  []\n]"), ("1", "1"), (#"{ "a" : 1 }"#, "{\n  \"a\": 1\n}"),
        (
            #"{"a":[1,{"b":"x,{}:\"]"}],"c":null}"#,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,{}:\\\"]\"\n    }\n  ],\n  \"c\": null\n}"
        ),
        ("[ \n ]", "[]"), (#""open"#, #""open"#), (#""x\"#, #""x\"#),
    ])
    func indentsAsGoDoes(compact: String, pretty: String) {
        #expect(String(decoding: JSONPretty.indent(Array(compact.utf8)), as: UTF8.self) == pretty)
    }
}
