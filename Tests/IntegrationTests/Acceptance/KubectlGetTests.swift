import Foundation
import TestSupport
import Testing

/// Issue 2: `kubectl get` in all its ways. D05, B01, B03, L02, L06, L07.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.kubectl.isPresent, Tool.kubectl.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct KubectlGetTests {
    let server: RunningServer

    init() throws { server = try .shared }

    private static let kinds = [
        ("frontend", "cpu", "cpu"), ("frontend", "cpu", "cpu-labels"), ("backend", "heap", "heap"),
    ]

    /// Names of three profiles, the oldest first: two cpu of frontend, a heap of backend. Their times are those in the files.
    private func fill(_ namespace: String) async throws -> [String] {
        var names: [String] = []
        for (service, type, file) in Self.kinds {
            let made = try await server.upload(
                namespace, service: service, query: "type=\(type)&labels=app%3D\(service)", ServerHome.profile(file))
            names.append(try #require(made["metadata"]["name"].string))
        }
        return names
    }

    /// Unix seconds of a profile.
    private func time(_ namespace: String, _ name: String) async throws -> Int {
        let profile = try await server.curl(RunningServer.path(namespace, name))
        return try #require(profile.json["metadata"]["labels"]["profefe.io/created-at"].string.flatMap { Int($0) })
    }

    private func words(_ line: String?) -> [String] { (line ?? "").split(separator: " ").map(String.init) }

    private func names(_ table: ProgramOutput) -> [String] { table.lines.dropFirst().compactMap { words($0).first } }

    @Test func `B01 get prints a Table, and wide more columns`() async throws {
        let names = try await fill("tables")
        let plain = try await server.kubectl("get", "profiles.profefe.io", "-A")
        #expect(plain.status == 0, "\(plain.err)")
        #expect(words(plain.lines.first) == ["NAMESPACE", "NAME", "SERVICE", "TYPE", "POD", "DURATION", "SIZE", "AGE"])
        let row = words(plain.lines.first { $0.contains(names[2]) })
        #expect(row.dropLast() == ["tables", names[2], "backend", "heap", "<none>", "<none>", "18.2Ki"])

        let wide = try await server.kubectl("get", "profiles.profefe.io", "-n", "tables", "-o", "wide")
        let header = [
            "NAME", "SERVICE", "TYPE", "POD", "DURATION", "SIZE", "AGE", "CONTAINER", "NODE", "TOTAL", "SOURCE",
        ]
        #expect(words(wide.lines.first) == header)
        #expect(words(wide.lines.dropFirst().first).suffix(4) == ["<none>", "<none>", "960ms", "Upload"])

        let labels = try await server.kubectl("get", "prof", "-n", "tables", "--show-labels", "-L", "app")
        #expect(words(labels.lines.first).suffix(2) == ["APP", "LABELS"])
        #expect(words(labels.lines.last).suffix(2).first == "backend")
        #expect(labels.lines.last?.contains("app=backend,profefe.io/created-at=") == true)
    }

    @Test func `get prints YAML, JSON and names`() async throws {
        let names = try await fill("outputs")
        let json = JSON(try await server.kubectl("get", "prof", "-n", "outputs", "-o", "json").out)
        #expect(json["kind"].string == "List")
        #expect(json["items"].array.map { $0["metadata"]["name"].string } == names)
        let heap = json["items"][2]
        #expect(heap["apiVersion"].string == "profefe.io/v1" && heap["kind"].string == "Profile")
        #expect(
            heap["spec"]["createdAt"].string?.hasPrefix(heap["metadata"]["creationTimestamp"].string?.dropLast() ?? "?")
                == true)

        let yaml = try await server.kubectl("get", "prof", names[2], "-n", "outputs", "-o", "yaml")
        #expect(yaml.lines.first == "apiVersion: profefe.io/v1")
        for line in ["kind: Profile", "  namespace: outputs", "  service: backend", "  type: heap"] {
            #expect(yaml.lines.contains(line), "\(line) in \(yaml.text)")
        }
        #expect(!yaml.text.contains("  data:"))

        let listed = try await server.kubectl("get", "prof", "-n", "outputs", "-o", "name")
        #expect(listed.lines == names.map { "profile.profefe.io/\($0)" })
    }

    @Test func `L06 L07 selectors choose by label, time and field`() async throws {
        let made = try await fill("selectors")
        var times: [Int] = []
        for name in made { times.append(try await time("selectors", name)) }
        let (first, last) = (times[0], times[2])
        try #require(first < times[1] && times[1] < last)
        let cases: [([String], [Int])] = [
            (["-l", "app=backend"], [2]), (["-l", "app!=backend"], [0, 1]),
            (["-l", "app in (frontend),profefe.io/type=cpu"], [0, 1]), (["-l", "!app"], []),
            (["-l", "profefe.io/created-at>\(first)"], [1, 2]),
            (["-l", "profefe.io/created-at>\(first),profefe.io/created-at<\(last)"], [1]),
            (["-l", "profefe.io/created-at<\(first)"], []),
            (["--field-selector", "spec.service=backend"], [2]), (["--field-selector", "spec.type!=heap"], [0, 1]),
            (["--field-selector", "metadata.name=\(made[1])"], [1]),
            (["--field-selector", "spec.source.kind=Upload,spec.type=cpu"], [0, 1]),
            (["--field-selector", "metadata.namespace=elsewhere"], []),
        ]
        for (selector, expected) in cases {
            let found = try await server.kubectl(arguments: ["get", "prof", "-n", "selectors"] + selector)
            #expect(found.status == 0, "\(selector): \(found.err)")
            #expect(names(found) == expected.map { made[$0] }, "\(selector)")
            if expected.isEmpty { #expect(found.err.contains("No resources found in selectors namespace.")) }
        }
        let unknown = try await server.kubectl("get", "prof", "-n", "selectors", "--field-selector", "spec.nope=1")
        #expect(unknown.status == 1)
        #expect(unknown.err.contains("field label not supported: spec.nope"))
    }

    @Test func `get sorts`() async throws {
        let made = try await fill("sorted")
        let sorted = try await server.kubectl("get", "prof", "-n", "sorted", "--sort-by=.status.sizeBytes")
        let sizes = try Self.kinds.map { try Data(contentsOf: ServerHome.profile($0.2)).count }
        #expect(names(sorted) == made.indices.sorted { sizes[$0] < sizes[$1] }.map { made[$0] }, "\(sorted.err)")
    }

    @Test func `L02 get reads page by page`() async throws {
        let made = try await fill("pages")
        let paged = try await server.kubectl("get", "prof", "-n", "pages", "--chunk-size=1", "-v=7")
        let requests = (paged.err + paged.text).split(separator: "\n")
            .filter { $0.contains("GET ") && $0.contains("/namespaces/pages/profiles?") }
        #expect(requests.count == 3 && requests.allSatisfy { $0.contains("limit=1") })
        #expect(requests.dropFirst().allSatisfy { $0.contains("continue=") })
        for name in made { #expect(paged.text.contains(name)) }
    }

    @Test func `D05 resources, short names and the category are found by discovery`() async throws {
        let resources = try await server.kubectl("api-resources", "--api-group", "profefe.io", "--no-headers")
        let expected = [
            ["profilecaptures", "pcap", "profefe.io/v1", "true", "ProfileCapture"],
            ["profiles", "prof", "profefe.io/v1", "true", "Profile"],
            ["profileservices", "psvc", "profefe.io/v1", "true", "ProfileService"],
        ]
        #expect(resources.lines.map { words($0) } == expected, "\(resources.err)")
        let name = try await fill("short")[0]
        for kind in ["prof", "profile", "profiles", "profiles.profefe.io", "profiles.v1.profefe.io"] {
            let found = try await server.kubectl("get", kind, name, "-n", "short", "--no-headers")
            #expect(words(found.lines.first).first == name, "\(kind): \(found.err)")
        }
        let capture = """
            apiVersion: profefe.io/v1
            kind: ProfileCapture
            metadata: {name: none, namespace: short}
            spec: {target: {podName: nobody}, types: [heap]}
            """
        try server.home.directory.write(capture, "short.yaml")
        let created = try await server.kubectl("create", "-f", "short.yaml")
        #expect(created.status == 0, "\(created.err)")
        let category = try await server.kubectl("get", "profefe", "-n", "short", "-o", "name")
        let kinds = category.lines.map { String($0.prefix { $0 != "/" }) }
        #expect(
            Set(kinds) == ["profilecapture.profefe.io", "profile.profefe.io", "profileservice.profefe.io"],
            "\(category.text)")
    }

    @Test func `B03 a watch prints one header and then the new rows`() async throws {
        let first = try #require(try await server.upload("watches")["metadata"]["name"].string)
        let watch = try server.startKubectl("get", "prof", "-n", "watches", "-w")
        try await watch.wait("the first row") { out, _ in out.contains(first) }
        let second = try #require(try await server.upload("watches")["metadata"]["name"].string)
        try await watch.wait("the row of the new profile") { out, _ in out.contains("\(second) ") }
        await watch.stop()
        let lines = String(decoding: watch.printed.out, as: UTF8.self).split(separator: "\n")
        #expect(lines.map { words(String($0)).first } == ["NAME", first, second])
    }
}
