import Foundation
import TestSupport
import Testing

/// Issue 5: what kubectl, kubectl proxy and Go's tools make of the analyses.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct AnalysisTests {
    let server: RunningServer

    init() throws { server = try .shared }

    private func words(_ line: String?) -> [String] { (line ?? "").split(separator: " ").map(String.init) }

    @Test func `a subresource is printed as a Table, and wide tells places`() async throws {
        let name = try #require(try await server.upload("tops")["metadata"]["name"].string)
        let plain = try await server.kubectl("get", "prof", name, "-n", "tops", "--subresource=top")
        #expect(plain.status == 0, "\(plain.err)")
        #expect(words(plain.lines.first) == ["FLAT", "FLAT%", "SUM%", "CUM", "CUM%", "FUNCTION"])
        #expect(
            words(plain.lines.dropFirst().first) == ["90ms", "9.38%", "9.38%", "150ms", "15.62%", "runtime.unlock2"])
        let wide = try await server.kubectl("get", "prof", name, "-n", "tops", "--subresource=top", "-o", "wide")
        #expect(words(wide.lines.first).last == "FILE:LINE")
    }

    @Test func `services are watched by kubectl`() async throws {
        _ = try await server.upload("psvc", service: "one")
        let watch = try server.startKubectl("get", "psvc", "-n", "psvc", "-w")
        try await watch.wait("the first row") { out, _ in out.contains("one ") }
        _ = try await server.upload("psvc", service: "two")
        try await watch.wait("the row of the new service") { out, _ in out.contains("two ") }
        _ = try await server.upload("psvc", service: "one", query: "type=heap", ServerHome.profile("heap"))
        try await watch.wait("the new type") { out, _ in out.contains("cpu,heap") }
        await watch.stop()
        let lines = String(decoding: watch.printed.out, as: UTF8.self).split(separator: "\n")
        #expect(lines.map { words(String($0)).first } == ["NAME", "one", "two", "one"])
    }

    @Test(.enabled(if: Tool.go.isPresent, Tool.go.absence))
    func `go tool pprof reads it all by URL through kubectl proxy`() async throws {
        let file = ServerHome.profile("cpu-large")
        var names: [String] = []
        for _ in 0..<2 {
            names.append(try #require(try await server.upload("urls", file)["metadata"]["name"].string))
        }
        let proxy = try server.startKubectl("proxy", "--port=0")
        try await proxy.wait("its address") { out, _ in out.contains("\n") }
        let address = try #require(
            String(decoding: proxy.printed.out, as: UTF8.self).firstMatch(of: /127\.0\.0\.1:[0-9]+/))
        let group = "http://\(address.0)/apis/profefe.io/v1/namespaces/urls"
        let range = "type=cpu&from=2020-01-01T00:00:00Z"
        let folder = try TemporaryDirectory("urls")
        func top(_ arguments: [String]) async throws -> String {
            try await GoPprof.text(
                ["-top", "-nodecount=8", "-symbolize=none"] + arguments, temporary: folder.url.path)
        }
        let one = try await top([file.path])
        let both = try await top([file.path, file.path])
        #expect(try await top(["\(group)/profiles/\(names[0])/download"]) == one)
        #expect(try await top(["\(group)/profiles/\(names[0])/proxy"]) == one)
        for path in ["merge?\(range)", "pgo?\(range)"] {
            let theirs = try await top(["\(group)/profileservices/frontend/\(path)"])
            #expect(theirs.split(separator: "\n").suffix(9) == both.split(separator: "\n").suffix(9), "\(path)")
        }
        let other = ServerHome.profile("cpu-labels")
        let base = try #require(try await server.upload("urls", service: "x", other)["metadata"]["name"].string)
        let difference = try await top(["\(group)/profiles/\(names[0])/diff?base=\(base)"])
        let expected = try await top(["-diff_base=\(other.path)", file.path])
        #expect(difference.split(separator: "\n").suffix(9) == expected.split(separator: "\n").suffix(9))
        for (side, bytes) in [("new", file), ("old", other)] {
            _ = try await server.upload("urls", service: "sides", query: "type=cpu&labels=side=\(side)", bytes)
        }
        let sides = try await top([
            "\(group)/profileservices/sides/diff?\(range)&labelSelector=side%3Dnew"
                + "&base.from=2020-01-01T00:00:00Z&base.labelSelector=side%3Dold"
        ])
        #expect(sides.split(separator: "\n").suffix(9) == expected.split(separator: "\n").suffix(9))

        await proxy.stop()
    }
}
