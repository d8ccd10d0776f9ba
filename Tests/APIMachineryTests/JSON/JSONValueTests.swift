import APIMachinery
import Testing

struct JSONValueTests {
    @Test
    func comparesBytesAndNotCanonicalForms() {
        #expect("e\u{301}" == "\u{E9}")  // Swift's strings do.
        #expect(JSONValue.string("e\u{301}") != JSONValue.string("\u{E9}"))
        var object: JSONObject = ["e\u{301}": 1]
        object["\u{E9}"] = 2
        #expect(object.count == 2)
    }

    @Test
    func comparesObjectsInAnyOrder() {
        #expect(["a": 1, "b": [2]] as JSONValue == ["b": [2], "a": 1])
        #expect(["a": 1, "b": 2] as JSONValue != ["a": 1, "c": 2])
        #expect(["a": 1] as JSONValue != ["a": 1, "b": 2])
        #expect([1, 2] as JSONValue != [2, 1])
        #expect(1 as JSONValue != 1.0)
    }

    @Test(arguments: [3, 16, 17, 500])
    func findsSetsAndRemovesMembersOfSmallAndLargeObjects(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", .integer(Int64($0))) })
        #expect(object.keys == (0..<count).map { "k\($0)" })
        object["k1"] = "new"
        #expect(object["k1"] == "new")
        #expect(object.count == count)
        #expect(object.remove("k0") == 0)
        #expect(object["k0"] == nil)
        #expect(object["k\(count - 1)"] == .integer(Int64(count - 1)))
        object["k0"] = nil
        object["last"] = true
        #expect(object.keys.last == "last")
        #expect(object["last"] == true)
        #expect(object.sorted().keys == object.keys.sorted())
        #expect(object.sorted() == object)
    }

    @Test
    func readsByKind() {
        let value: JSONValue = ["s": "x", "i": 1, "d": 1.5, "b": true, "a": [1], "n": nil]
        #expect(value["s"]?.stringValue == "x")
        #expect(value["i"]?.integerValue == 1)
        #expect(value["d"]?.integerValue == nil)
        #expect(value["d"]?.doubleValue == 1.5)
        #expect(value["b"]?.boolValue == true)
        #expect(value["a"]?.arrayValue == [1])
        #expect(value["n"]?.isNull == true)
        #expect(value["zzz"] == nil)
        #expect((1 as JSONValue)["a"] == nil)
    }
}
