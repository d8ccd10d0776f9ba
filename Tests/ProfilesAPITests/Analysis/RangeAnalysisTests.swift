import APIMachinery
import Foundation
import NIOHTTP1
import Pprof
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// `profileservices/{merge,top,flamegraph,diff,pgo,series}` over profiles of a service.
struct RangeAnalysisTests {
    private static let services = "\(TestAPI.shop)/profileservices"

    /// Stores ten CPU profiles, a minute apart, the last one now; and some that must not count.
    private func with(
        _ limit: (inout AnalysisLimits) -> Void = { _ in }, _ body: @escaping @Sendable (TestAPI) async throws -> Void
    ) async throws {
        var options = TestAPI.Options()
        limit(&options.analyses)
        try await TestAPI.with(options) { api in
            for minute in 0..<10 {
                let time = TestAPI.start.adding(.seconds(-60 * minute)).rfc3339()
                let target = "\(Self.services)/web/profiles?type=cpu&createdAt=\(time)&labels=minute%3D\(minute)"
                #expect(try await api.send(.POST, target, body: WorkProfile.bytes(Int64(minute + 1))).status == 201)
            }
            for other in ["other/profiles?type=cpu", "web/profiles?type=wall", "web/profiles?type=heap"] {
                _ = try await api.send(.POST, "\(Self.services)/\(other)", body: WorkProfile.bytes(1000))
            }
            try await body(api)
        }
    }

    private func total(_ answer: Answer) throws -> Int64? {
        try ProfileDecoder().facts(of: answer.body).sampleTypes.first?.total
    }

    @Test func aMergeIsTheSumOfWhatMatches() async throws {
        try await with { api in
            let all = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu")
            #expect(all.status == 200)
            #expect(try total(all) == 55)
            #expect(all.header("x-profefe-merged") == "10/10")
            #expect(all.header("warning") == nil)
            let some = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&from=-3m&to=-1m")
            #expect(try total(some) == 2 + 3 + 4)
            let labelled = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&labelSelector=minute+in+(4,5)")
            #expect(try total(labelled) == 5 + 6)
        }
    }

    @Test func moreThanTheBoundIsAnEvenSampleAndSaidSo() async throws {
        try await with { api in
            let even = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&maxProfiles=2")
            #expect(try total(even) == 10 + 5)
            #expect(even.header("x-profefe-merged") == "2/10")
            #expect(even.header("warning")?.contains("merged 2 of 10 profiles") == true)
            let newest = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&maxProfiles=2&sample=newest")
            #expect(try total(newest) == 1 + 2)
        }
    }

    @Test func whenTheTimeIsOverTheAnswerIsAPartAndSaysSo() async throws {
        try await with {
            $0.mergeTime = .zero
        } _: { api in
            let part = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu")
            #expect(part.status == 200)
            #expect(part.header("x-profefe-merged") == "1/10")
            #expect(part.header("warning")?.contains("merged 1 of 10 profiles") == true)
            #expect(try total(part) == 10)
            let strict = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&strict=true")
            #expect(strict.status == 504)
            #expect(strict.reason == "Timeout")
            #expect(strict.message.contains("1 of 10 profiles"))
        }
    }

    @Test func theLimitsAreKept() async throws {
        try await with {
            $0.mostMatches = 9
            $0.mostProfiles = 7
            $0.mostNodes = 10
            $0.answerBytes = 20
        } _: { api in
            let many = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu")
            #expect(many.status == 413)
            #expect(many.message.contains("more than 9 profiles"))
            let recent = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&from=-8m")
            #expect(recent.header("x-profefe-merged") == "7/9")
            #expect(try await api.send(.GET, "\(Self.services)/web/merge?type=cpu&maxProfiles=8").status == 400)
            let nodes = try await api.send(.GET, "\(Self.services)/web/flamegraph?type=cpu&from=-1m&maxNodes=11")
            #expect(nodes.status == 400 && nodes.message.contains("1 to 10"))
            let large = try await api.send(.GET, "\(Self.services)/web/flamegraph?type=cpu&from=-1m&format=speedscope")
            #expect(large.status == 413)
        }
        try await with {
            $0.profileBytes = 10
        } _: { api in
            let answer = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu")
            #expect(answer.status == 413)
            #expect(answer.message.contains("the limit of an analysis is 10"))
        }
        try await with {
            $0.memoryBytes = 16
        } _: { api in
            let answer = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu")
            #expect(answer.status == 413)
        }
        try await with {
            $0.concurrent = 0
        } _: { api in
            let answer = try await api.send(.GET, "\(Self.services)/web/merge?type=cpu")
            #expect(answer.status == 429)
            #expect(answer.header("retry-after") == "1")
        }
    }

    @Test(arguments: [
        "top?type=cpu", "flamegraph?type=cpu", "flamegraph?type=cpu&format=folded", "pgo",
        "diff?type=cpu&base.from=-10m&base.to=-5m",
    ])
    func theOtherFormsAreThere(_ path: String) async throws {
        try await with { api in
            let answer = try await api.send(.GET, "\(Self.services)/web/\(path)")
            #expect(answer.status == 200)
        }
    }

    @Test func aSeriesHasTheTotalsOverTime() async throws {
        try await with { api in
            let answer = try await api.send(.GET, "\(Self.services)/web/series?type=cpu")
            let points = answer.json["points"]?.arrayValue ?? []
            #expect(
                points.map { $0["totals"]?.arrayValue?.first?["total"]?.integerValue } == (1...10).reversed().map { $0 }
            )
        }
    }

    @Test func servicesAreAViewOfTheProfiles() async throws {
        try await with { api in
            _ = try await api.send(
                .POST, "\(Self.services)/x/profiles?type=cpu&service=a%2Fb", body: WorkProfile.bytes(1))
            let list = try await api.send(.GET, Self.services)
            let items = list.json["items"]?.arrayValue ?? []
            #expect(items.map { $0.at("spec/service")?.stringValue } == ["other", "web", "a/b"])
            let web = try await api.send(.GET, "\(Self.services)/web")
            #expect(web.json.at("status/profileCount")?.integerValue == 11)
            #expect(web.json.at("status/labelKeys")?.arrayValue?.map(\.stringValue) == ["minute"])
            let odd = items.last?.at("metadata/name")?.stringValue ?? ""
            #expect(odd.hasPrefix("x-") && odd.count == 10)
            #expect(try await api.send(.GET, "\(Self.services)/\(odd)").json.at("spec/service")?.stringValue == "a/b")
            #expect(try await api.send(.GET, "\(Self.services)/nobody").status == 404)
            let page = try await api.send(.GET, "\(Self.services)?limit=2")
            #expect(page.json["items"]?.arrayValue?.count == 2)
            #expect(page.json.at("metadata/continue")?.stringValue?.isEmpty == false)
        }
    }

    /// Path and query, what the message says.
    static let refusals: [(String, String)] = [
        ("merge", "type"), ("merge?type=trace", "a trace has no samples"), ("merge?type=x", "must be one of"),
        ("merge?type=cpu&from=yesterday", "from"), ("merge?type=cpu&from=-1m&to=-5m", "must not be after"),
        ("merge?type=cpu&labelSelector=a%20b%20c", "labelSelector"), ("merge?type=cpu&maxProfiles=0", "1 to 5000"),
        ("merge?type=cpu&sample=odd", "even, newest"), ("merge?type=mutex", "no mutex profile matches"),
        ("diff?type=cpu", "base.from"), ("series", "type"),
    ]

    @Test(arguments: refusals)
    func aWrongRangeIsRefused(_ path: String, _ part: String) async throws {
        try await with { api in
            let answer = try await api.send(.GET, "\(Self.services)/web/\(path)")
            #expect(answer.status == 400)
            #expect(answer.message.contains(part), "\(answer.message)")
        }
    }
}
