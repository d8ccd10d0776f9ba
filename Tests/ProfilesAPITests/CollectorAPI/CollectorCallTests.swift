import NIOHTTP1
import Testing

@testable import ProfilesAPI

struct CollectorCallTests {
    @Test(arguments: [
        ("/api/0/profiles", CollectorCall.profiles), ("/api/0/profiles/", .profiles), ("//api/0//profiles", .profiles),
        ("/api/0/profiles/merge", .merge), ("/api/0/profiles/merge/", .merge),
        ("/api/0/profiles/dc1b4db8di1926omun9g", .profile("dc1b4db8di1926omun9g")),
        ("/api/0/profiles/a+b", .profile("a+b")), ("/api/0/profiles/P0.a/1/x,k=v", .profile("P0.a/1/x,k=v")),
        ("/api/0/services", .services), ("/api/0/version", .version),
    ])
    func pathsOfCalls(path: String, call: CollectorCall) {
        #expect(CollectorCall(path: path) == call)
    }

    @Test(arguments: [
        "", "/", "/api", "/api/0", "/api/0/", "/api/1/profiles", "/api/0/profilesx", "/api/0/services/x",
        "/api/0/version/x", "/debug/vars", "/apis/profefe.io/v1/profiles", "/api/0/Profiles",
    ])
    func otherPathsAreNone(path: String) {
        #expect(CollectorCall(path: path) == nil)
    }

    @Test func profilesAreSentToTheCollectionOnly() {
        #expect(CollectorCall.profiles.methods.contains(.POST))
        #expect([CollectorCall.merge, .services, .version, .profile("x")].allSatisfy { !$0.methods.contains(.POST) })
    }
}
