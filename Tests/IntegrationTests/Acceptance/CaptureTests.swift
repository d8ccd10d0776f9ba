import Foundation
import TestSupport
import Testing

/// Issue 2: a capture of a live pprof endpoint, seen through kubectl. R19.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(withTarget: true), .serverLog)
struct CaptureTests {
    let server: RunningServer

    init() throws { server = try .shared }

    private func create(_ name: String, _ spec: String, on server: RunningServer) async throws -> ProgramOutput {
        try server.home.directory.write(
            "apiVersion: profefe.io/v1\nkind: ProfileCapture\nmetadata: {name: \(name), namespace: shop}\nspec: \(spec)\n",
            "\(name).yaml")
        return try await server.kubectl("create", "-f", "\(name).yaml")
    }

    @Test func `R19 a capture of cpu and heap completes, and its profiles tell what is in their bytes`() async throws {
        let created = try await server.kubectl("create", "-f", "capture.yaml")
        #expect(created.text == "profilecapture.profefe.io/web-now created\n", "\(created.err)")
        let waited = try await server.kubectl(
            "wait", "--for=condition=Complete", "profilecapture/web-now", "--timeout=60s")
        #expect(waited.text == "profilecapture.profefe.io/web-now condition met\n", "\(waited.err)")

        let status = JSON(try await server.kubectl("get", "pcap", "web-now", "-o", "json").out)["status"]
        #expect(status["phase"].string == "Succeeded" && status["profileCount"].integer == 2)
        let conditions = status["conditions"].array.map { "\($0["type"])=\($0["status"])" }
        #expect(conditions == ["Accepted=True", "Complete=True", "Failed=False"])
        #expect(status["targets"]["selected"].integer == 1 && status["targets"]["succeeded"].integer == 1)
        let results = status["results"].array
        #expect(results.map { $0["type"].string } == ["cpu", "heap"])
        for result in results { try await check(result) }
        #expect(status["bytes"].integer == results.compactMap { $0["bytes"].integer }.reduce(0, +))

        let row = try await server.kubectl("get", "pcap", "web-now", "--no-headers")
        #expect(row.text.split(separator: " ").prefix(6) == ["web-now", "Succeeded", "cpu,heap", "1/1", "2", "2s"])
    }

    private static let columns = [
        "cpu": ["samples/count", "cpu/nanoseconds"],
        "heap": ["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"],
    ]

    /// A result against its profile, and the profile's facts against its bytes.
    private func check(_ result: JSON) async throws {
        let type = try #require(result["type"].string)
        #expect(result["state"].string == "Succeeded", "\(result)")
        #expect(result["pod"].string == "web-1" && result["container"].string == "app")
        let name = try #require(result["profile"].string, "\(result)")
        let profile = JSON(try await server.kubectl("get", "prof", name, "-o", "json").out)
        let spec = profile["spec"]
        #expect(spec["type"].string == type && spec["service"].string == "frontend")
        #expect(spec["podRef"]["name"].string == "web-1" && spec["nodeName"].string == "node-1")
        #expect(spec["source"]["kind"].string == "Capture" && spec["source"]["name"].string == "web-now")
        #expect(profile["metadata"]["labels"]["profefe.io/capture"].string == "web-now")
        let facts = profile["status"]
        #expect(facts["sampleTypes"].array.map { "\($0["type"])/\($0["unit"])" } == Self.columns[type], "\(type)")
        #expect(facts["sampleTypes"].array.allSatisfy { $0["total"].integer ?? 0 > 0 }, "\(type): \(facts)")
        if type == "cpu" {
            #expect(facts["duration"].string?.hasPrefix("2.") == true && facts["period"]["value"].integer == 10_000_000)
        }
        #expect(facts["duration"].string == result["duration"].string)
        let download = try await server.kubectl("get", "--raw", RunningServer.path("shop", name, "download"))
        #expect(download.out.count == facts["sizeBytes"].integer && download.out.count == result["bytes"].integer)
        #expect(sha256(download.out) == facts["sha256"].string)
    }

    @Test func `a capture by selector finds the pod`() async throws {
        let spec = "{target: {selector: {matchLabels: {app: web}}}, types: [goroutine]}"
        let created = try await create("by-label", spec, on: server)
        #expect(created.status == 0, "\(created.err)")
        let waited = try await server.kubectl("wait", "--for=condition=Complete", "pcap/by-label", "--timeout=30s")
        #expect(waited.status == 0, "\(waited.err)")
        let made = try await server.kubectl("get", "prof", "-l", "profefe.io/capture=by-label", "--no-headers")
        #expect(made.lines.count == 1 && made.text.contains("goroutine"))
    }

    @Test func `a capture of a pod that is not there fails with a reason`() async throws {
        let created = try await create("nobody", "{target: {podName: nobody}, types: [heap]}", on: server)
        #expect(created.status == 0, "\(created.err)")
        let waited = try await server.kubectl("wait", "--for=condition=Failed", "pcap/nobody", "--timeout=30s")
        #expect(waited.status == 0, "\(waited.err)")
        let status = JSON(try await server.kubectl("get", "pcap", "nobody", "-o", "json").out)["status"]
        #expect(status["phase"].string == "Failed" && status["profileCount"].integer ?? 0 == 0)
        let failed = status["conditions"].array.first { $0["type"].string == "Failed" }
        #expect(failed?["message"].string?.isEmpty == false, "\(status)")
    }

    @Test(arguments: [
        ("{target: {podName: web-1}, types: [nope]}", "spec.types"), ("{target: {}}", "spec.target"),
        ("{target: {podName: web-1}, duration: 10h}", "spec.duration"),
        ("{target: {podName: web-1}, duration: -1s}", "spec.duration"), ("{}", "spec.target"),
    ])
    func `a capture that makes no sense is refused with the place`(_ spec: String, _ place: String) async throws {
        let refused = try await create("refused", spec, on: server)
        #expect(refused.status == 1)
        #expect(refused.err.contains(place), "\(refused.err)")
    }

    @Test func `deleting a running capture ends it, and the target's profiler is free again`() async throws {
        let long = try await create("long", "{target: {podName: web-1}, types: [cpu], duration: 100s}", on: server)
        #expect(long.status == 0, "\(long.err)")
        try await eventually("the capture runs") {
            try await server.kubectl("get", "pcap", "long", "-o", "jsonpath={.status.phase}").text == "Running"
        }
        #expect(try await server.kubectl("delete", "pcap", "long").status == 0)
        // The target has one CPU profiler, and answers that it is busy while it is taken.
        let next = "{target: {podName: web-1}, types: [cpu], duration: 1s, retry: {limit: 2, backoff: 1s}}"
        #expect(try await create("next", next, on: server).status == 0)
        let waited = try await server.kubectl("wait", "--for=condition=Complete", "pcap/next", "--timeout=30s")
        #expect(waited.status == 0, "\(waited.err)")
        let status = JSON(try await server.kubectl("get", "pcap", "next", "-o", "json").out)["status"]
        #expect(status["results"][0]["state"].string == "Succeeded", "\(status)")
    }

    @Test(.enabled(if: Tool.go.isPresent, Tool.go.absence))
    func `a real Go program is captured`() async throws {
        let target = try await GoTarget.start()
        defer { target.stop() }
        let home = try await ServerHome()
        defer { home.remove() }
        try home.setTarget(port: target.port)
        try await RunningServer.start(in: home).use { server in
            let types = ["cpu", "heap", "allocs", "block", "mutex", "goroutine", "threadcreate"]
            let spec = "{target: {podName: web-1}, types: [\(types.joined(separator: ", "))], duration: 1s}"
            let created = try await create("go", spec, on: server)
            #expect(created.status == 0, "\(created.err)")
            let waited = try await server.kubectl("wait", "--for=condition=Complete", "pcap/go", "--timeout=60s")
            #expect(waited.status == 0, "\(waited.err)")
            let status = JSON(try await server.kubectl("get", "pcap", "go", "-o", "json").out)["status"]
            let results = status["results"].array
            #expect(results.map { $0["type"].string } == types)
            #expect(results.allSatisfy { $0["state"].string == "Succeeded" }, "\(status)")
            try await readMerges(of: types, on: server)
        }
    }

    /// The sum of a capture's profiles of each type is what Go's own tool reads, with the sample types of that type.
    private func readMerges(of types: [String], on server: RunningServer) async throws {
        let shown = ["cpu": "cpu", "heap": "inuse_space", "allocs": "alloc_space", "block": "delay", "mutex": "delay"]
        let folder = try TemporaryDirectory("captured")
        for type in types {
            let merge = try await server.kubectl(
                "get", "--raw",
                RunningServer.path("shop").replacing("/profiles", with: "/profilecaptures")
                    + "/go/merge?type=\(type)")
            try #require(merge.status == 0, "\(type): \(merge.err)")
            try Data(merge.out).write(to: folder.url.appendingPathComponent(type))
            let top = try await GoPprof.text(["-symbolize=none", "-top", folder.path(type)])
            #expect(top.contains("Type: \(shown[type] ?? type)\n"), "\(type): \(top.prefix(300))")
        }
    }
}
