import Testing

@testable import APIMachinery

struct JSONIndenterTests {
    static let texts = [
        "{}", "[]", #"{"a":[]}"#, #"{"a":{},"b":[1,2,{"c":"d,{}[]:\"\\"}]}"#, #"[[[]],[{}],"\\\"",null]"#, "7",
        #"{"items":[{"a":1},{"b":[true,false]}],"x":"ü\n"}"#,
    ]

    @Test(arguments: texts)
    func piecesAreIndentedAsTheWholeIs(_ text: String) {
        let bytes = Array(text.utf8)
        for size in 1...bytes.count {
            var indenter = JSONIndenter()
            var out: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                indenter.append(Array(bytes[start..<min(start + size, bytes.count)]), to: &out)
            }
            #expect(out == JSONPretty.indent(bytes))
        }
    }
}
