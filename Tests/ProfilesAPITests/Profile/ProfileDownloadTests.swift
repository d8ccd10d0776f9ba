import APIMachinery
import Digests
import NIOHTTP1
import Pprof
import TestSupport
import Testing

@testable import ProfilesAPI

struct ProfileDownloadTests {
    private func with(_ body: @escaping @Sendable (TestAPI, _ path: String, _ etag: String) async throws -> Void)
        async throws
    {
        let object = try profileObject(.heap)
        let etag = "\"\(SHA256.hex(try ProfileFixture.heap.bytes))\""
        try await TestAPI.with { api in
            let name = try await api.create(TestAPI.profiles, object).name
            try await body(api, "\(TestAPI.profiles)/\(name)", etag)
        }
    }

    @Test func whoHasTheBytesIsNotSentThemAgain() async throws {
        try await with { api, path, etag in
            for value in [etag, "W/\(etag)", "*", "\"other\", \(etag)"] {
                let answer = try await api.send(.GET, "\(path)/download", ["if-none-match": value])
                #expect(answer.status == 304)
                #expect(answer.body.isEmpty && answer.header("etag") == etag)
            }
            for value in ["\"other\"", "", String(etag.dropFirst().dropLast())] {
                #expect(try await api.send(.GET, "\(path)/download", ["if-none-match": value]).status == 200)
            }
        }
    }

    @Test(arguments: ["proxy", "proxy/", "proxy/download"])
    func theLongRunningNameIsTheSame(_ name: String) async throws {
        try await with { api, path, etag in
            let answer = try await api.send(.GET, "\(path)/\(name)")
            #expect(answer.status == 200 && answer.header("etag") == etag)
            #expect(answer.body == (try ProfileFixture.heap.bytes))
        }
    }

    @Test(arguments: ["proxy/elsewhere", "proxy/download/x", "download/x", "nothing"])
    func otherPathsAreNotThere(_ name: String) async throws {
        try await with { api, path, _ in
            let answer = try await api.send(.GET, "\(path)/\(name)")
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: [HTTPMethod.POST, .PUT, .DELETE, .HEAD])
    func onlyGetReads(_ method: HTTPMethod) async throws {
        try await with { api, path, _ in
            let answer = try await api.send(method, "\(path)/download")
            #expect(answer.status == 405)
        }
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(.GET, "\(TestAPI.profiles)/\(sampleXID)/download")
            #expect(answer.status == 404 && answer.message == "profiles.profefe.io \"\(sampleXID)\" not found")
        }
    }

    @Test func aPlainProfileHasAPlainName() async throws {
        let plain = try Gzip.inflate(ProfileFixture.heap.bytes, limit: 64 << 20)
        try await TestAPI.with { api in
            let created = try await api.send(
                .POST, "\(TestAPI.shop)/profileservices/web/profiles?type=heap", body: plain)
            let answer = try await api.send(.GET, "\(TestAPI.profiles)/\(created.name)/download")
            #expect(answer.body == plain)
            #expect(answer.header("content-disposition")?.hasSuffix(".pb\"") == true)
        }
    }
}
