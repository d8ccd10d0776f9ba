import APIMachinery
import NIOHTTP1
import TestSupport
import Testing

@testable import ProfilesAPI

struct ProfileSelectorTests {
    /// Three profiles: heap of web-1 on node-1, goroutine of web-2, threadcreate of nobody, at the given times.
    private func fill(_ api: TestAPI) async throws -> [String] {
        var names: [String] = []
        let specs: [(ProfileFixture, JSONObject)] = [
            (.heap, JSONObject([("podRef", ["name": "web-1"]), ("nodeName", "node-1"), ("container", "app")])),
            (.goroutine, JSONObject([("podRef", ["name": "web-2"]), ("service", "back")])),
            (.threadcreate, JSONObject()),
        ]
        for (fixture, spec) in specs {
            names.append(try await api.create(TestAPI.profiles, try profileObject(fixture, spec)).name)
        }
        return names
    }

    @Test(arguments: [
        ("spec.service=back", [1]), ("spec.service!=back", [0, 2]), ("spec.type=heap", [0]),
        ("spec.podRef.name=web-2", [1]),
        ("spec.nodeName=node-1", [0]), ("spec.container=app", [0]), ("spec.source.kind=Upload", [0, 1, 2]),
        ("spec.source.name=x", []), ("spec.type=heap,spec.podRef.name=web-2", []),
        ("metadata.namespace=shop", [0, 1, 2]),
    ])
    func fieldsSelect(_ selector: String, _ expected: [Int]) async throws {
        try await TestAPI.with { api in
            let names = try await fill(api)
            let answer = try await api.send(
                .GET,
                "\(TestAPI.profiles)?fieldSelector=\(selector.replacing("=", with: "%3D").replacing("!", with: "%21"))")
            #expect(Set(answer.names) == Set(expected.map { names[$0] }))
        }
    }

    @Test func anUnknownFieldIsRefused() async throws {
        try await TestAPI.with { api in
            for field in ["spec.labels", "spec.source.uid", "status.sha256", "spec.data"] {
                let answer = try await api.send(.GET, "\(TestAPI.profiles)?fieldSelector=\(field)%3Dx")
                #expect(answer.status == 400)
            }
        }
    }

    @Test func aRangeOfTimeIsALabelSelector() async throws {
        try await TestAPI.with { api in
            var names: [String] = []
            for second in [100, 200, 300] {
                let time = Timestamp(seconds: Int64(second))?.rfc3339() ?? ""
                let spec = JSONObject([("type", "trace"), ("data", "AQID"), ("createdAt", .string(time))])
                names.append(try await api.create(TestAPI.profiles, try profileObject(.heap, spec)).name)
            }
            func list(_ selector: String) async throws -> Set<String> {
                let escaped = selector.replacing(">", with: "%3E").replacing("<", with: "%3C").replacing(
                    "/", with: "%2F")
                return Set(try await api.send(.GET, "\(TestAPI.profiles)?labelSelector=\(escaped)").names)
            }
            #expect(try await list("profefe.io/created-at>100") == [names[1], names[2]])
            #expect(try await list("profefe.io/created-at>100,profefe.io/created-at<300") == [names[1]])
            #expect(try await list("profefe.io/created-at<100").isEmpty)
            #expect(try await list("profefe.io/type=trace").count == 3)
        }
    }
}
