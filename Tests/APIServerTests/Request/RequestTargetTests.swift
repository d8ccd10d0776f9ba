import Testing

@testable import APIServer

struct RequestTargetTests {
    @Test(
        arguments: [
            ("/", "/", nil), ("/a%2Fb%20c", "/a/b c", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/a?", "/a", ""),
            ("//x//", "//x//", nil), ("/a/../b", "/a/../b", nil), ("/a+b", "/a+b", nil), ("/%E2%82%AC", "/€", nil),
            ("/€", "/€", nil), ("/a#b", "/a#b", nil), ("/%00", "/\0", nil), ("/%25", "/%", nil), ("*", "*", nil),
            ("http://h", "/", nil), ("HTTPS://h:1/a?q", "/a", "q"), ("http://h?q", "/", "q"), ("/a?%zz", "/a", "%zz"),
        ] as [(String, String, String?)])
    func decodesThePathOnce(_ target: String, _ path: String, _ query: String?) throws {
        let parsed = try RequestTarget(target)
        #expect(parsed.path == path)
        #expect(parsed.query == query)
    }

    @Test(arguments: [
        "", "a", "?a", "/%", "/%4", "/%zz", "/%4g", "/a\nb", "/a\u{7F}", "/%FF", "/%C3", "/%C0%AF", "/%ED%A0%80", "**",
        "ftp://h/a", "http:/h/a", "/a?b\tc",
    ])
    func refusesWhatNamesNoPath(_ target: String) {
        #expect(throws: RequestTarget.Malformed.self) { try RequestTarget(target) }
    }
}
