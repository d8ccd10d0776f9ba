import APIMachinery
import NIOHTTP1
import Pprof
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// Analyses of profiles that a collector keeps, while it is away: from what is known, which they say, or 503; never as if all were well.
@Suite struct CollectorAnalysisTests {
    private static let service = "/apis/profefe.io/v1/namespaces/default/profileservices/web"
    /// All times there are.
    private static let range = "type=cpu&from=-480000h"
    private static let capture = "\(TestAPI.captures)/now"

    private static func total(_ answer: Answer) throws -> Int64? {
        try ProfileDecoder().facts(of: answer.body).sampleTypes.first?.total
    }

    private static func add(_ values: ClosedRange<Int64>, to collector: FakeCollector) -> [FakeCollectorRow] {
        let now = Timestamp.now().seconds
        return values.map { collector.add("web", "cpu", createdAt: now - 60 + $0, bytes: WorkProfile.bytes($0)) }
    }

    // MARK: what is known

    private static func paths(_ first: String, _ second: String) -> [String] {
        let ofProfile = ["top", "flamegraph", "graph", "diff?base=\(second)"].map {
            TestAPI.profile("default", first, $0)
        }
        let ofService = [
            "merge?\(range)", "top?\(range)", "flamegraph?\(range)", "series?\(range)", "pgo?from=-480000h",
            "diff?\(range)&base.from=-480000h",
        ].map { "\(service)/\($0)" }
        let ofCapture = ["merge?type=heap", "top?type=heap", "flamegraph?type=heap", "download"].map {
            "\(capture)/\($0)"
        }
        return ofProfile + ofService + ofCapture
    }

    /// What was read before is had while the collector is away; the answer says of when it is, as lists do.
    @Test func analysesOfAMirrorThatIsOldSaySo() async throws {
        let heap = try ProfileFixture.heap.bytes
        try await FakeCollector.with { collector in
            let rows = Self.add(1...3, to: collector)
            let start = Timestamp.now()
            try await ScriptedTarget.with {
                _, _ in
                .ok(heap)
            } _: { origin in
                let pods = GivenPods(["web-1"], port: origin.port)
                try await MirrorFixture.with(collector.url, pods: pods, now: start) { fixture async throws in
                    try await Self.takeHeap(fixture.api)
                    await fixture.poll()
                    let paths = Self.paths(rows[0].xid, rows[1].xid)
                    for path in paths {
                        let answer = try await fixture.api.send(.GET, path)
                        #expect(answer.status == 200, "\(path): \(answer.text.prefix(300))")
                        #expect(answer.warnings == [], "\(path)")
                    }
                    collector.set(.internalError)
                    #expect(await !fixture.poll())
                    fixture.api.set(start.adding(.seconds(185)))
                    for path in paths {
                        let answer = try await fixture.api.send(.GET, path)
                        #expect(answer.status == 200, "\(path): \(answer.text.prefix(300))")
                        #expect(answer.warnings.count == 1, "\(path): \(answer.warnings)")
                        #expect(answer.warnings.first?.contains("profiles are as of 3m") == true, "\(path)")
                    }
                    collector.set(nil)
                    #expect(await fixture.poll())
                    for path in paths {
                        #expect(try await fixture.api.send(.GET, path).warnings == [], "\(path)")
                    }
                }
            }
        }
    }

    private static func takeHeap(_ api: TestAPI) async throws {
        let target: JSONValue = ["selector": ["matchLabels": ["app": "web"]]]
        let spec = JSONObject([("target", target), ("types", ["heap"])])
        #expect(try await api.create(TestAPI.captures, captureObject(spec)).status == 201)
        try await api.watch("\(TestAPI.captures)?watch=true") { events in
            _ = await events.until { $0.at("object/status/phase")?.stringValue == "Succeeded" }
        }
    }

    // MARK: bytes that can't be had

    @Test func aRangeIsThePartThatCanBeReadAndSaysSo() async throws {
        try await FakeCollector.with { collector in
            let rows = Self.add(1...5, to: collector)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                for row in [rows[1], rows[3]] {
                    let read = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download"))
                    #expect(read.status == 200)
                }
                collector.set(.internalError, where: { $0.contains("/profiles/") })
                let part = try await fixture.api.send(.GET, "\(Self.service)/merge?\(Self.range)")
                #expect(part.status == 200, "\(part.text)")
                #expect(try Self.total(part) == 2 + 4)
                #expect(part.header("x-profefe-merged") == "2/5")
                #expect(part.warnings.first?.contains("merged 2 of 5 profiles") == true, "\(part.warnings)")
                #expect(part.warnings.last?.contains("3 could not be read") == true, "\(part.warnings)")
                #expect(part.warnings.last?.contains(rows[0].xid) == true, "\(part.warnings)")
                // The collector's address is not the client's to know.
                #expect(!part.warnings.joined().contains("127.0.0.1"))

                let strict = try await fixture.api.send(.GET, "\(Self.service)/merge?\(Self.range)&strict=true")
                #expect(strict.status == 503)
                #expect(strict.header("retry-after") != nil)
                collector.set(nil)
                let all = try await fixture.api.send(.GET, "\(Self.service)/merge?\(Self.range)&strict=true")
                #expect(try Self.total(all) == 15)
                #expect(all.warnings == [])
            }
        }
    }

    private static let outages: [(String, FakeCollectorFault)] = [
        ("hanging", .hang), ("failing", .internalError), ("garbage", .garbage(Array("nonsense".utf8))),
        ("behind a proxy", .proxy(403)), ("broken off", .cutOff),
    ]

    @Test(arguments: outages)
    func whereNothingCanBeReadItIs503(_ name: String, _ fault: FakeCollectorFault) async throws {
        var limits = CollectorClient.Limits()
        // Nobody waits for the others: however slow the machine is, they answer.
        limits.silence = name == "hanging" ? .seconds(2) : .seconds(60)
        try await FakeCollector.with { collector in
            let rows = Self.add(1...2, to: collector)
            try await MirrorFixture.with(collector.url, limits: limits) { fixture async throws in
                await fixture.poll()
                collector.set(fault, where: { $0.contains("/profiles/") })
                let paths = [
                    TestAPI.profile("default", rows[0].xid, "top"), "\(Self.service)/merge?\(Self.range)",
                    "\(Self.service)/flamegraph?\(Self.range)&strict=true",
                ]
                for path in paths {
                    let answer = try await fixture.api.send(.GET, path)
                    #expect(answer.status == 503, "\(path): \(answer.text.prefix(300))")
                    #expect(answer.header("retry-after") != nil, "\(path)")
                }
                // No bytes are needed.
                #expect(try await fixture.api.send(.GET, "\(Self.service)/series?\(Self.range)").status == 200)
            }
        }
    }

    /// An archive that has begun could only be broken off.
    @Test func anArchiveThatCannotBeginIs503() async throws {
        let heap = try ProfileFixture.heap.bytes
        try await FakeCollector.with { collector in
            try await ScriptedTarget.with {
                _, _ in
                .ok(heap)
            } _: { origin in
                let pods = GivenPods(["web-1"], port: origin.port)
                try await MirrorFixture.with(collector.url, pods: pods) { fixture async throws in
                    try await Self.takeHeap(fixture.api)
                    await fixture.poll()
                    collector.set(.internalError, where: { $0.contains("/profiles/") })
                    let answer = try await fixture.api.send(.GET, "\(Self.capture)/download")
                    #expect(answer.status == 503, "\(answer.text.prefix(300))")
                    #expect(answer.header("retry-after") != nil)
                    collector.set(nil)
                    let whole = try await fixture.api.send(.GET, "\(Self.capture)/download")
                    #expect(whole.status == 200)
                    #expect(whole.header("content-length") == String(whole.body.count))
                }
            }
        }
    }

    /// One that nobody can ever read doesn't keep the others from being merged.
    @Test func trapAnUnreachableIDIsPassedOverInARangeAndSaidSo() async throws {
        try await FakeCollector.with(.s3) { collector in
            let now = Timestamp.now().seconds
            collector.add("web", "cpu", [("x", "1+2")], createdAt: now - 60, bytes: WorkProfile.bytes(1))
            collector.add("web", "cpu", [("x", "3")], createdAt: now - 50, bytes: WorkProfile.bytes(2))
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let part = try await fixture.api.send(.GET, "\(Self.service)/merge?\(Self.range)")
                #expect(part.status == 200, "\(part.text)")
                #expect(try Self.total(part) == 2)
                #expect(part.header("x-profefe-merged") == "1/2")
                #expect(part.warnings.last?.contains("separator") == true, "\(part.warnings)")
                let strict = try await fixture.api.send(.GET, "\(Self.service)/merge?\(Self.range)&strict=true")
                #expect(strict.status == 400)
                #expect(strict.message.contains("separator"))
            }
        }
    }

    // MARK: nothing found

    @Test func thatNothingMatchesIsNotSaidWhileNobodyKnows() async throws {
        try await FakeCollector.with { collector in
            _ = Self.add(1...1, to: collector)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                let paths = ["merge?type=heap", "top?type=mutex", "pgo?from=-3m&to=-2m"].map { "\(Self.service)/\($0)" }
                // Before the first poll, and while the collector is away.
                for isFirst in [true, false] {
                    for path in paths {
                        let answer = try await fixture.api.send(.GET, path)
                        #expect(answer.status == 503, "\(path): \(answer.text)")
                        #expect(answer.header("retry-after") != nil)
                    }
                    let series = try await fixture.api.send(.GET, "\(Self.service)/series?type=heap")
                    #expect(series.status == 200 && series.warnings.count == 1)
                    if isFirst {
                        await fixture.poll()
                        for path in paths { #expect(try await fixture.api.send(.GET, path).status == 400) }
                        collector.set(.internalError)
                        #expect(await !fixture.poll())
                    }
                }
            }
        }
    }
}
