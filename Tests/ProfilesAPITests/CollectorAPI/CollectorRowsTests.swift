import APIMachinery
import HTTPTransport
import NIOHTTP1
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// What profefe's API tells of profiles that came in by other ways.
struct CollectorRowsTests {
    private func found(_ api: TestAPI, _ query: String = "") async throws -> [CollectorProfile] {
        let answer = try await api.collector(.GET, CollectorSamples.search(query))
        guard answer.status == 200 else { return [] }
        return try CollectorEnvelope(answer.body).profiles()
    }

    @Test func aProfileOfTheNativeAPIHasTheLabelsThatAnAgentWouldHaveSet() async throws {
        try await TestAPI.with { api in
            let path = "\(TestAPI.shop)/profileservices/frontend/profiles"
            let labels = "zone%3Da,pod%3Dweb-1,node%3Dn1"
            let sent = try await api.send(.POST, "\(path)?type=heap&labels=\(labels)", body: ProfileFixture.heap.bytes)
            let profile = try #require(try await found(api).first)
            #expect(profile.id == sent.name)
            #expect(
                profile.labels.labels.map { "\($0.key)=\($0.value)" } == [
                    "namespace=shop", "node=n1", "pod=web-1", "zone=a",
                ])
            #expect(try await found(api, "&labels=namespace%3Dshop,pod%3Dweb-1").count == 1)
            #expect(try await found(api, "&labels=namespace%3Dbank").isEmpty)
        }
    }

    @Test func allocsIsOtherWithALabelBothWays() async throws {
        try await TestAPI.with { api in
            let path = "\(TestAPI.shop)/profileservices/frontend/profiles"
            let native = try await api.send(.POST, "\(path)?type=allocs", body: ProfileFixture.allocs.bytes)
            let profile = try #require(try await found(api, "&type=other&labels=profile%3Dallocs").first)
            #expect(profile.id == native.name)
            #expect(profile.type == .other)
            let sent = try await api.collector(
                .POST, "/api/0/profiles?service=frontend&type=other&labels=namespace%3Dshop,profile%3Dallocs",
                body: ProfileFixture.allocs.bytes)
            let told = try CollectorEnvelope(sent.body).profile()
            #expect(told.type == .other)
            let object = try await api.send(.GET, "\(TestAPI.profiles)/\(told.id)")
            #expect(object.json.at("spec/type")?.stringValue == "allocs")
            #expect(try await found(api, "&type=other").count == 2)
            #expect(try await found(api, "&type=heap").isEmpty)
        }
    }

    @Test func textsThatNeedEscapingAreCopiedRight() async throws {
        try await TestAPI.with { api in
            let labels = CollectorLabels([.init("quote\"", "back\\slash"), .init("é", "🦫\n")])
            let service = "a\"b\\ü"
            let query = "service=\(URLEscaping.escape(service))&labels=\(URLEscaping.escape(labels.parameter))"
            let sent = try await api.collector(
                .POST, "/api/0/profiles?type=heap&\(query)", body: ProfileFixture.heap.bytes)
            let told = try CollectorEnvelope(sent.body).profile()
            #expect(told.service == service)
            #expect(told.labels == labels)
            let range = "from=2000-01-01T00:00:00&to=2100-01-01T00:00:00"
            let again = try await api.collector(.GET, "/api/0/profiles?\(query)&\(range)")
            #expect(try CollectorEnvelope(again.body).profiles() == [told])
        }
    }
}
