import APIMachinery
import Foundation
import NIOHTTP1
import Pprof
import ProfileReport
import TestSupport
import Testing

@testable import ProfilesAPI

/// `profilecaptures/{download,merge,top,flamegraph}` over what captures really took.
struct CaptureAnalysisTests {
    private static let capture = "\(TestAPI.captures)/now"

    /// Captures cpu and heap of two pods, once.
    private func with(_ body: @escaping @Sendable (TestAPI) async throws -> Void) async throws {
        try await ScriptedTarget.with { target, _ in
            let name = target.contains("/heap") ? "heap" : "cpu"
            return (try? ProfileFixture(rawValue: name)?.bytes).map { .ok($0) } ?? .text(500, "no fixture")
        } _: { origin in
            var options = TestAPI.Options()
            options.pods = GivenPods(["web-1", "web-2"], port: origin.port)
            try await TestAPI.with(options) { api in
                let target: JSONValue = ["selector": ["matchLabels": ["app": "web"]]]
                let spec = JSONObject([("target", target), ("types", ["cpu", "heap"]), ("duration", "1s")])
                #expect(try await api.create(TestAPI.captures, captureObject(spec)).status == 201)
                try await api.watch("\(TestAPI.captures)?watch=true") { events in
                    _ = await events.until { $0.at("object/status/phase")?.stringValue == "Succeeded" }
                }
                try await body(api)
            }
        }
    }

    @Test func theTarHasEveryProfileAsItCame() async throws {
        try await with { api in
            let answer = try await api.send(.GET, "\(Self.capture)/download")
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "application/x-tar")
            #expect(answer.header("content-disposition") == "attachment; filename=\"now.tar\"")
            #expect(answer.header("content-length") == String(answer.body.count))
            // Read by the tar of the system.
            let folder = try TemporaryDirectory("tar")
            try Data(answer.body).write(to: folder.url.appendingPathComponent("now.tar"))
            let said = try await Tool("tar").run(["-xf", folder.path("now.tar"), "-C", folder.url.path])
            #expect(said.status == 0, "\(said.err)")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0 != "now.tar" }
            let names = try await api.send(.GET, TestAPI.profiles).names
            #expect(names.count == 4)
            #expect(files.count == 4)
            for file in files {
                let type = String(file.prefix { $0 != "-" })
                #expect(names.contains { file == "\(type)-\($0).pb.gz" })
                let bytes = try Data(contentsOf: folder.url.appendingPathComponent(file))
                let fixture = try #require(ProfileFixture(rawValue: type))
                #expect([UInt8](bytes) == (try fixture.bytes))
            }
        }
    }

    @Test func aTypeChoosesAmongTheFiles() async throws {
        try await with { api in
            let heap = try await api.send(.GET, "\(Self.capture)/download?type=heap")
            let size = try ProfileFixture.heap.bytes.count
            #expect(heap.body.count == 2 * (512 + (size + 511) / 512 * 512) + 1024)
            let refusals = [
                ("download?type=mutex", 400, "no such profiles"), ("download?type=x", 400, "must be one of"),
                ("merge", 400, "type"), ("merge?type=mutex", 400, "no mutex profile"),
                ("merge?type=trace", 400, "a trace has no samples"),
            ]
            for (path, status, part) in refusals {
                let answer = try await api.send(.GET, "\(Self.capture)/\(path)")
                #expect(answer.status == status && answer.message.contains(part), "\(path): \(answer.message)")
            }
            for path in ["download", "merge?type=cpu", "top?type=cpu", "flamegraph?type=cpu"] {
                #expect(try await api.send(.GET, "\(TestAPI.captures)/nobody/\(path)").status == 404)
            }
        }
    }

    @Test func aCaptureIsTheSumOfItsProfiles() async throws {
        try await with { api in
            let merged = try await api.send(.GET, "\(Self.capture)/merge?type=cpu")
            #expect(merged.header("x-profefe-merged") == "2/2")
            #expect(merged.header("warning") == nil)
            let decoder = ProfileDecoder()
            let one = try decoder.decode(ProfileFixture.cpu.bytes)
            var merger = ProfileMerger()
            for _ in 0..<2 { try merger.add(one) }
            let sum = try merger.finish()
            #expect(try decoder.decode(merged.body).facts.sampleTypes == sum.facts.sampleTypes)
            let top = try await api.send(.GET, "\(Self.capture)/top?type=cpu&format=text")
            #expect(top.text == (try TopReport(sum).text))
            let svg = try await api.send(.GET, "\(Self.capture)/flamegraph?type=cpu")
            #expect(svg.header("content-type") == "image/svg+xml")
            #expect(svg.text.contains("cpu of capture now, 2 profiles"))
            let table = try await api.send(.GET, "\(Self.capture)/top?type=heap&n=3", .table)
            #expect(table.columns.first == "Flat")
            #expect(table.rows.count == 3)
        }
    }
}

struct TarEntryTests {
    @Test func aHeaderIsWhatUstarSays() {
        let entry = TarEntry(name: "cpu-x.pb.gz", size: 700, time: 1)
        let header = entry.header
        func text(_ range: Range<Int>) -> String { String(decoding: header[range], as: UTF8.self) }
        #expect(header.count == 512)
        #expect(text(0..<12) == "cpu-x.pb.gz\0")
        #expect(text(100..<108) == "0000644\0")
        #expect(text(124..<136) == "00000001274\0")
        #expect(text(136..<148) == "00000000001\0")
        #expect(text(156..<157) == "0")
        #expect(text(257..<265) == "ustar\u{0}00")
        let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        #expect(
            text(148..<156) == String(repeating: "0", count: 6 - String(sum, radix: 8).count) + String(sum, radix: 8)
                + "\0 ")
        #expect(entry.padding == 324 && entry.length == 512 + 1024)
        #expect(
            TarEntry(name: String(repeating: "n", count: 300), size: 512, time: -5).header[100] == UInt8(ascii: "0"))
        #expect(TarEntry(name: "", size: 512, time: 0).padding == 0)
    }
}
