import APIMachinery
import Testing

@testable import APIServer

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
                indenter.append(bytes[start..<min(start + size, bytes.count)], to: &out)
            }
            #expect(String(decoding: out, as: UTF8.self) == String(decoding: JSONPretty.indent(bytes), as: UTF8.self))
        }
    }

    @Test func nonsenseNeverTraps() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<3000 {
            var indenter = JSONIndenter()
            var out: [UInt8] = []
            indenter.append(mutate(Array(Self.texts[3].utf8), using: &random), to: &out)
        }
    }
}
