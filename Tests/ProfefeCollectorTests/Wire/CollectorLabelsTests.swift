import APIMachinery
import ProfefeCollector
import Testing

struct CollectorLabelsTests {
    /// What a parameter is after the one decoding that every parameter gets, and what profefe makes of it.
    @Test(arguments: [
        ("", []),
        (",,,", []),
        ("a=b", ["a=b"]),
        ("b=2,a=1", ["a=1", "b=2"]),
        (",from=kube-profefe,namespace=shop,pod=web-1", ["from=kube-profefe", "namespace=shop", "pod=web-1"]),
        ("a=1,,b=2,", ["a=1", "b=2"]),
        ("a", ["a="]),
        ("a=", ["a="]),
        ("=v,a=1", ["a=1"]),
        (" =v", []),
        ("a=b=c", ["a=b=c"]),
        ("k=2,k=1,a=0,k=2", ["a=0", "k=2", "k=1", "k=2"]),
        (" a = b\t,\u{a0}c=d\u{2003}", ["a=b", "c=d"]),
        ("a=1+2", ["a=1 2"]),
        ("a=%2B", ["a=+"]),
        ("a=%2C%3D%25", ["a=,=%"]),
        ("%61=%20x%20", ["a= x "]),
        ("%20=x", [" =x"]),
        ("a=%ff", ["a=\u{fffd}"]),
        ("Z=1,a=2,é=3", ["Z=1", "a=2", "é=3"]),
    ])
    func aParameterIsReadAsProfefeReadsIt(text: String, labels: [String]) throws {
        #expect(try CollectorLabels(parameter: text).labels.map { "\($0.key)=\($0.value)" } == labels)
    }

    @Test(arguments: [
        ("a=%", "%"), ("a=%4", "%4"), ("a=%zz", "%zz"), ("%xyz=1", "%xy"), ("ok=1,a=%20%g0", "%g0"), ("=%", ""),
    ])
    func aBrokenEscapeIsRefusedAndNamed(text: String, escape: String) throws {
        guard !escape.isEmpty else {
            // Without a key, nobody looks at the value.
            #expect(try CollectorLabels(parameter: text).labels.isEmpty)
            return
        }
        let error = #expect(throws: WireError(.badEscape, "")) { try CollectorLabels(parameter: text) }
        #expect(error?.message == "invalid URL escape \"\(escape)\"")
    }

    /// Through the two decodings that profefe makes.
    @Test(arguments: [
        "plain", "", " leading and trailing ", "a,b=c", "100%", "%2C", "1+1", "é 🦫", "\t\n", "a&b;c#d?e/f", "\"\\",
    ])
    func anyValueSurvivesTheParameter(value: String) throws {
        let labels = CollectorLabels([.init("k", value), .init("other,key= %", value)])
        let query = QueryItems(parsing: "x=1&labels=\(URLEscaping.escape(labels.parameter))")
        #expect(try CollectorLabels(parameter: query["labels"] ?? "") == labels)
    }

    @Test func aSearchWantsEachOfItsLabels() {
        let labels = CollectorLabels([.init("a", "1"), .init("k", "x"), .init("k", "y")])
        #expect(labels.includes(CollectorLabels()))
        #expect(labels.includes(CollectorLabels([.init("k", "x")])))
        #expect(labels.includes(CollectorLabels([.init("k", "y"), .init("k", "x"), .init("k", "x")])))
        #expect(!labels.includes(CollectorLabels([.init("k", "z")])))
        #expect(!labels.includes(CollectorLabels([.init("a", "1"), .init("b", "1")])))
        #expect(!CollectorLabels([.init("e", "é")]).includes(CollectorLabels([.init("e", "e\u{301}")])))
    }

    @Test(arguments: [
        ("aZ09-._~", "aZ09-._~"), (" ", "%20"), ("+", "%2B"), ("a/b?c=d&e", "a%2Fb%3Fc%3Dd%26e"), ("é", "%C3%A9"),
        ("", ""),
    ])
    func allButTheUnreservedIsEscaped(text: String, escaped: String) {
        #expect(URLEscaping.escape(text) == escaped)
        #expect(PercentDecoding.decode(escaped.utf8, plusIsSpace: true) == text)
    }
}
