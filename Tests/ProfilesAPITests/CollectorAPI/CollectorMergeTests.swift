import APIMachinery
import APIServer
import NIOHTTP1
import Pprof
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// `/merge` and `/ID+ID`.
struct CollectorMergeTests {
    private func send(_ api: TestAPI, _ fixture: ProfileFixture, _ more: String = "") async throws -> String {
        let target = CollectorSamples.send("&type=\(fixture.rawValue)\(more)")
        let answer = try await api.collector(.POST, target, body: fixture.bytes)
        return try CollectorEnvelope(answer.body).profile().id
    }

    private static func merge(_ query: String) -> String {
        CollectorSamples.search(query).replacing("/profiles?", with: "/profiles/merge?")
    }

    private func total(_ bytes: [UInt8]) throws -> Int64 {
        let decoder = ProfileDecoder(limits: .default)
        return try #require(try decoder.facts(of: bytes).sampleTypes.last).total
    }

    @Test func severalProfilesAreSummed() async throws {
        try await TestAPI.with { api in
            let ids = [try await send(api, .cpu), try await send(api, .cpu), try await send(api, .cpu)]
            let one = try total(try ProfileFixture.cpu.bytes)
            let merged = try await api.collector(.GET, Self.merge("&type=cpu"))
            #expect(merged.status == 200)
            #expect(merged.header("content-disposition") == "attachment; filename=\"cpu\"")
            #expect(try total(merged.body) == 3 * one)
            let newest = try await api.collector(.GET, Self.merge("&type=cpu&limit=2"))
            #expect(try total(newest.body) == 2 * one)
            let byID = try await api.collector(.GET, "/api/0/profiles/\(ids.joined(separator: "+"))")
            #expect(try total(byID.body) == 3 * one)
            // `+` as an escape, as escaped twice, and the same id twice.
            let escaped = try await api.collector(.GET, "/api/0/profiles/\(ids[0])%2B\(ids[1])%252B\(ids[1])")
            #expect(try total(escaped.body) == 3 * one)
        }
    }

    @Test func ofOneItsOwnBytesAreAnswered() async throws {
        try await TestAPI.with { api in
            _ = try await send(api, .heap)
            _ = try await send(api, .cpu)
            #expect(try await api.collector(.GET, Self.merge("&type=heap")).body == ProfileFixture.heap.bytes)
        }
    }

    @Test(arguments: [
        ("", "unknown"), ("&type=unknown", "unknown"), ("&type=trace", "trace"), ("&type=allocs", "unknown"),
    ])
    func typesThatCannotBeMergedAre405(query: String, type: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(.GET, Self.merge(query))
            #expect(answer.status == 405)
            #expect(answer.json == ["code": 405, "error": .string("can't merge profiles of \(type) type")])
        }
    }

    /// 500 in profefe.
    @Test func profilesOfOtherSampleTypesAre400() async throws {
        try await TestAPI.with { api in
            let ids = [try await send(api, .cpu), try await send(api, .heap)]
            let answer = try await api.collector(.GET, "/api/0/profiles/\(ids.joined(separator: "+"))")
            #expect(answer.status == 400)
            #expect(answer.json["code"] == 400)
        }
    }

    /// Passed over in profefe.
    @Test func anUnknownIDAmongOthersIsToldOf() async throws {
        try await TestAPI.with { api in
            let id = try await send(api, .cpu)
            let answer = try await api.collector(.GET, "/api/0/profiles/\(id)+\(sampleXID)")
            #expect(answer.status == 404)
            #expect(answer.json["error"]?.stringValue?.contains(sampleXID) == true)
        }
    }

    /// Somebody's profile in profefe.
    @Test func theBeginningOfAnIDIsNobodys() async throws {
        try await TestAPI.with { api in
            let id = try await send(api, .cpu)
            for count in [1, 2, 8, 19] {
                let answer = try await api.collector(.GET, "/api/0/profiles/\(id.prefix(count))")
                #expect(answer.status == 404)
            }
        }
    }

    @Test(arguments: ["%25zz", "a++b", "+a", "a+"])
    func whatIsNoListOfIDsIs400(path: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(.GET, "/api/0/profiles/\(path)")
            #expect(answer.status == 400)
        }
    }

    @Test func tooManyAreRefusedNotLeftOut() async throws {
        var options = TestAPI.Options()
        options.analyses.mostProfiles = 2
        try await TestAPI.with(options) { api in
            for _ in 0..<3 { _ = try await send(api, .cpu) }
            #expect(try await api.collector(.GET, Self.merge("&type=cpu")).status == 413)
            #expect(try await api.collector(.GET, Self.merge("&type=cpu&limit=2")).status == 200)
        }
    }
}
