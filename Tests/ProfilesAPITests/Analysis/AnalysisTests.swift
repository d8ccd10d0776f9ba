import APIMachinery
import APIServer
import Foundation
import NIOHTTP1
import Pprof
import ProfileReport
import TestSupport
import Testing

@testable import ProfilesAPI

/// `profiles/{top,flamegraph,graph,diff}` over the whole API in process.
struct AnalysisTests {
    /// Stores two profiles and gives the path of the first and the name of the second.
    private func with(_ body: @escaping @Sendable (TestAPI, _ path: String, _ other: String) async throws -> Void)
        async throws
    {
        let bytes = ProfileShape.cpp.bytes
        let base = ProfileShape.rust.bytes
        try await TestAPI.with { api in
            let target = "\(TestAPI.shop)/profileservices/web/profiles?type=cpu"
            let first = try await api.send(.POST, target, body: bytes).name
            let second = try await api.send(.POST, target, body: base).name
            try await body(api, "\(TestAPI.profiles)/\(first)", second)
        }
    }

    private static let tableAccept =
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"

    /// Path and query, Accept, Content-Type, what the body has.
    static let answers: [(String, String, String, String)] = [
        ("top", "*/*", "application/json", "\"kind\":\"ProfileTop\""),
        ("top", "application/json", "application/json", "\"flatPercent\""),
        ("top", tableAccept, "application/json", "\"kind\":\"Table\""),
        ("top?format=text", tableAccept, "text/plain; charset=utf-8", "      flat  flat%   sum%        cum   cum%\n"),
        ("top?format=text&sampleIndex=samples", "*/*", "text/plain; charset=utf-8", "Type: samples"),
        ("top?format=text&focus=Worker", "*/*", "text/plain; charset=utf-8", "Active filters:\n   focus=Worker"),
        ("flamegraph", "application/json, */*", "image/svg+xml", "<svg xmlns"),
        ("flamegraph", "image/svg+xml", "image/svg+xml", "<svg xmlns"),
        ("flamegraph", "application/json", "application/json", "\"children\":["),
        ("flamegraph?format=json&maxNodes=2", "*/*", "application/json", "more frames)"),
        ("flamegraph?format=folded", "*/*", "text/plain; charset=utf-8", "main;server::Frontend::Handle"),
        ("flamegraph?format=speedscope", "*/*", "application/json", "speedscope.app"),
        ("graph", "*/*", "text/vnd.graphviz; charset=utf-8", "digraph"),
    ]

    @Test(arguments: answers)
    func formsAreChosenByFormatAndAccept(_ path: String, _ accept: String, _ type: String, _ part: String) async throws
    {
        try await with { api, profile, _ in
            let answer = try await api.send(.GET, "\(profile)/\(path)", ["accept": accept])
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == type)
            #expect(String(decoding: answer.body, as: UTF8.self).contains(part))
        }
    }

    @Test func textIsWhatTheEnginePrints() async throws {
        try await with { api, profile, _ in
            let answer = try await api.send(.GET, "\(profile)/top?format=text&sort=cum&n=3")
            var options = ReportOptions()
            options.order = .cum
            options.nodeCount = 3
            let expected = try TopReport(ProfileDecoder().decode(ProfileShape.cpp.bytes), options).text
            #expect(String(decoding: answer.body, as: UTF8.self) == expected)
        }
    }

    @Test func aDifferenceIsAProfile() async throws {
        try await with { api, profile, other in
            let answer = try await api.send(.GET, "\(profile)/diff?base=\(other)")
            #expect(answer.header("content-type") == "application/octet-stream")
            let decoder = ProfileDecoder()
            let expected = try decoder.decode(ProfileShape.cpp.bytes).subtracting(
                decoder.decode(ProfileShape.rust.bytes))
            #expect(try decoder.facts(of: answer.body).sampleTypes == expected.facts.sampleTypes)
            for format in ["top", "flamegraph", "json", "table", "graph"] {
                #expect(
                    try await api.send(.GET, "\(profile)/diff?base=\(other)&format=\(format)&normalize=true").status
                        == 200)
            }
        }
    }

    @Test func aPictureMayReachNothing() async throws {
        try await with { api, profile, _ in
            let policy = try await api.send(.GET, "\(profile)/flamegraph").header("content-security-policy") ?? ""
            #expect(policy.hasPrefix("default-src 'none'"))
            #expect(policy.contains("sandbox"))
        }
    }

    /// Path and query, Accept, status, what the message says.
    static let refusals: [(String, String, Int, String)] = [
        ("top?sampleIndex=allocs", "*/*", 400, "samples, cpu"), ("top?sampleIndex=7", "*/*", 400, "0 to 1"),
        ("top?focus=(", "*/*", 400, "focus"), ("top?granularity=classes", "*/*", 400, "functions, filefunctions"),
        ("top?n=-1", "*/*", 400, "0 to 1000000"), ("top?nodeFraction=2", "*/*", 400, "0 to 1"),
        ("top?sort=name", "*/*", 400, "flat, cum"),
        ("top?format=svg", "*/*", 400, "json, table, text"), ("flamegraph?maxNodes=0", "*/*", 400, "1 to 100000"),
        ("flamegraph", "text/html", 406, "image/svg+xml"), ("diff", "*/*", 400, "base"),
        ("diff?base=x", "*/*", 400, "20 characters"),
        ("diff?base=00000000000000000000", "*/*", 404, "not found"),
        ("diff?base=00000000000000000000&normalize=maybe", "*/*", 400, "true or false"),
    ]

    @Test(arguments: refusals)
    func aWrongParameterIsNamed(_ path: String, _ accept: String, _ status: Int, _ part: String) async throws {
        try await with { api, profile, _ in
            let answer = try await api.send(.GET, "\(profile)/\(path)", ["accept": accept])
            #expect(answer.status == status)
            #expect(answer.message.contains(part), "\(answer.message)")
        }
    }

    @Test func profilesOfOtherTypesAreNotSubtracted() async throws {
        try await with { api, profile, _ in
            let target = "\(TestAPI.shop)/profileservices/web/profiles?type=heap"
            let other = try await api.send(.POST, target, body: ProfileShape.java.bytes).name
            let answer = try await api.send(.GET, "\(profile)/diff?base=\(other)")
            #expect(answer.status == 400)
            #expect(answer.message.contains("different"))
        }
    }

    @Test(arguments: ["top", "flamegraph", "graph", "diff?base=00000000000000000000"])
    func aTraceIsRefusedWithTheReason(_ path: String) async throws {
        try await TestAPI.with { api in
            let target = "\(TestAPI.shop)/profileservices/web/profiles?type=trace"
            let name = try await api.send(.POST, target, body: Array("go 1.22 trace\u{0}\u{0}\u{0}".utf8)).name
            let answer = try await api.send(.GET, "\(TestAPI.profiles)/\(name)/\(path)")
            #expect(answer.status == 400)
            #expect(answer.message.contains("execution trace"))
        }
    }

    @Test(arguments: ["top", "flamegraph", "graph"])
    func eachIsGrantedByItsOwnName(_ name: String) async throws {
        var options = TestAPI.Options()
        options.rule = { $0.subresource != name }
        try await TestAPI.with(options) { api in
            let target = "\(TestAPI.shop)/profileservices/web/profiles?type=cpu"
            let profile = try await api.send(.POST, target, body: ProfileShape.rust.bytes).name
            for other in ["top", "flamegraph", "graph"] {
                let answer = try await api.send(.GET, "\(TestAPI.profiles)/\(profile)/\(other)")
                #expect(answer.status == (other == name ? 403 : 200))
            }
        }
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(.GET, "\(TestAPI.profiles)/\(sampleXID)/top")
            #expect(answer.status == 404)
        }
    }

    @Test func moreAnalysesThanTheLimitAreToldToComeBack() async throws {
        var limits = AnalysisLimits()
        limits.concurrent = 1
        let gate = AnalysisGate(limits)
        try await gate.enter {
            let error = await #expect(throws: StatusError.self) { try await gate.enter {} }
            #expect(error?.code == 429)
            #expect(error?.retryAfterSeconds == 1)
        }
        try await gate.enter {}
    }
}
