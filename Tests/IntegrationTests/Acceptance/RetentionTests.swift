import Foundation
import TestSupport
import Testing

/// Issue 6 part 3: profiles that end by themselves, as kubectl sees them.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(flags: ["--retention=2s"]), .serverLog)
struct RetentionTests {
    let server: RunningServer

    init() throws { server = try .shared }

    private func expiry(_ name: String) async throws -> String {
        try await server.kubectl("get", "prof", name, "-o", "jsonpath={.status.expiresAt}").text
    }

    /// A profile that was pinned before its time came; where the machine was too slow for that, another.
    private func pinned() async throws -> String {
        for _ in 0..<20 {
            let name = try #require(try await server.upload("shop")["metadata"]["name"].string)
            if try await server.kubectl("label", "prof", name, "profefe.io/pinned=true").status == 0 { return name }
        }
        throw Trouble("no profile lived long enough to be pinned")
    }

    @Test func `a profile ends by itself, a pinned one stays, and both say so`() async throws {
        let kept = try await pinned()
        let uploaded = try await server.upload("shop")
        #expect(uploaded["status"]["expiresAt"].string?.hasSuffix("Z") == true)
        let name = try #require(uploaded["metadata"]["name"].string)
        let gone = try await server.kubectl("wait", "--for=delete", "prof/\(name)", "--timeout=60s")
        #expect(gone.status == 0, "\(gone.err)")
        #expect(try await server.kubectl("get", "prof", "-o", "name").lines == ["profile.profefe.io/\(kept)"])
        #expect(try await expiry(kept) == "")
        let free = try await server.kubectl("label", "prof", kept, "profefe.io/pinned-")
        #expect(free.status == 0, "\(free.err)")
        let wait = try await server.kubectl("wait", "--for=delete", "prof/\(kept)", "--timeout=60s")
        #expect(wait.status == 0, "\(wait.err)")
        let metrics = try await server.curl("/metrics", as: .admin).text
        #expect(metrics.contains(#"profefe_store_expired_total{reason="age"} "#))
    }
}
