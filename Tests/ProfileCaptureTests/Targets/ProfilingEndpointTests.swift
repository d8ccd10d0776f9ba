import Testing

@testable import ProfileCapture

struct ProfilingEndpointTests {
    @Test(arguments: [
        "/", "/debug/pprof", "/debug/pprof/", "/a-b/c.d", "/~x/..a/b..", "/" + String(repeating: "a", count: 255),
    ])
    func takesPath(_ path: String) {
        #expect(ProfilingEndpoint.isLegalPath(path))
    }

    @Test(arguments: [
        "", "debug", "/..", "/../admin", "/debug/../x", "/debug/.", "/./debug", "//evil.example/x", "/debug//pprof",
        "/debug/pprof//",
        "/a?b=c", "/a#b", "/a%2e%2e", "/a b", "/a\r\nHost: x", "/a\u{0}", "/ä", "/a\\b", "/a\"b",
        "/" + String(repeating: "a", count: 256),
    ])
    func refusesPath(_ path: String) {
        #expect(!ProfilingEndpoint.isLegalPath(path))
    }
}
