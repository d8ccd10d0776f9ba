import APIMachinery
import Glibc
import TestSupport
import Testing

@testable import KubeClient

struct TokenRotationTests {
    private func write(_ token: String, _ directory: TemporaryDirectory) throws {
        try directory.write("\(token)\n", "token")
    }

    @Test func aTokenThatWasRotatedAwayIsReadAgainAtOnce() async throws {
        let directory = try TemporaryDirectory("kube")
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api, clock: SteadyClock(ManualClock())) {
                $0.credential = .tokenFile(directory.path("token"))
            }
            try write("one", directory)
            api.callers = ["one"]
            _ = try await client.get("/version")
            try write("two", directory)
            api.callers = ["two"]
            _ = try await client.get("/version")
            #expect(api.requests.map { $0["authorization"] } == ["Bearer one", "Bearer one", "Bearer two"])
            // A token that stays the same isn't tried twice.
            api.callers = ["three"]
            let error = await failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            #expect(error?.status == 401)
            #expect(api.count() == 4)
        }
    }

    @Test func aTokenIsAMinuteOldAtMost() async throws {
        let directory = try TemporaryDirectory("kube")
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock)) {
                $0.credential = .tokenFile(directory.path("token"))
            }
            try write("one", directory)
            _ = try await client.get("/version")
            try write("two", directory)
            clock.advance(by: .seconds(59))
            _ = try await client.get("/version")
            clock.advance(by: .seconds(1))
            _ = try await client.get("/version")
            #expect(api.requests.map { $0["authorization"] } == ["Bearer one", "Bearer one", "Bearer two"])
        }
    }

    @Test func aFileThatIsGoneKeepsItsLastToken() async throws {
        let directory = try TemporaryDirectory("kube")
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock)) {
                $0.credential = .tokenFile(directory.path("token"))
            }
            let missing = await failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            #expect(missing == KubeClientError(.configuration, ""))
            #expect(missing?.message == "token file \(directory.path("token")): No such file or directory")
            try write("one", directory)
            _ = try await client.get("/version")
            #expect(unlink(directory.path("token")) == 0)
            clock.advance(by: .seconds(61))
            _ = try await client.get("/version")
            #expect(api.requests.last?["authorization"] == "Bearer one")
        }
    }

    @Test(arguments: ["", " \n", "a\nb"]) func aFileThatHoldsNoTokenIsRefused(_ text: String) async throws {
        let directory = try TemporaryDirectory("kube")
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api) { $0.credential = .tokenFile(directory.path("token")) }
            try directory.write(text, "token")
            let error = await failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            #expect(error == KubeClientError(.configuration, ""))
            #expect(api.count() == 0)
        }
    }
}
