import APIMachinery
import Testing

struct QueryItemsTests {
    @Test(
        arguments: [
            ("", []), ("&&", []), ("a=b", [("a", "b")]), ("a=b&c=d", [("a", "b"), ("c", "d")]), ("a", [("a", "")]),
            ("a=", [("a", "")]), ("=a", [("", "a")]), ("a=b=c", [("a", "b=c")]), ("a+b=c+d", [("a b", "c d")]),
            ("a=%2B%2f%20", [("a", "+/ ")]), ("a=b;c=d&e=f", [("e", "f")]), ("a=%zz&b=1", [("b", "1")]),
            ("a=%2&b=1", [("b", "1")]), ("%=1&b=2", [("b", "2")]), ("a=1&a=2", [("a", "1"), ("a", "2")]),
            ("a=%C3%A4", [("a", "ä")]), ("a=%FF", [("a", "\u{FFFD}")]), ("?a=b", [("?a", "b")]),
        ] as [(String, [(String, String)])])
    func keepsWhatGoKeeps(query: String, pairs: [(String, String)]) {
        #expect(QueryItems(parsing: query).items == pairs.map { QueryItems.Item(name: $0.0, value: $0.1) })
    }

    @Test(
        arguments: [
            ("/a/b", "/a/b", 0), ("/a?b=c", "/a", 1), ("/a?", "/a", 0), ("/a?b=c?d&e", "/a", 2), ("/a#b?c=d", "/a", 0),
            ("/a?b=c#d&e", "/a", 1), ("", "", 0), ("?", "", 0),
        ])
    func splitsTargets(target: String, path: String, count: Int) {
        let split = QueryItems.split(target: target)
        #expect(split.path == path)
        #expect(split.query.items.count == count)
    }

    /// Conformance 4.8: `watch` is true for anything but `false` and `0`.
    @Test(
        arguments: [
            ("", nil), ("watch", true), ("watch=", true), ("watch=true", true), ("watch=1", true),
            ("watch=maybe", true),
            ("watch=false", false), ("watch=FALSE", false), ("watch=False", false), ("watch=0", false),
            ("watch=00", true),
            ("watch=0&watch=1", false),
        ] as [(String, Bool?)])
    func flagsAreTrueUnlessDenied(query: String, flag: Bool?) {
        #expect(QueryItems(parsing: query).flag("watch") == flag)
    }

    @Test func theFirstOfEqualNamesCounts() {
        let query = QueryItems(parsing: "dryRun=All&dryRun=x")
        #expect(query["dryRun"] == "All")
        #expect(query.all("dryRun") == ["All", "x"])
        #expect(query.contains("dryRun") && !query.contains("other"))
    }
}
