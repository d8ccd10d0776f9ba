import APIMachinery
import Digests
import HTTPTransport
import NIOHTTP1
import Pprof
import TestSupport
import Testing

@testable import ProfilesAPI

struct ProfileUploadTests {
    private static let service = "\(TestAPI.shop)/profileservices/frontend/profiles"

    private func upload(
        _ query: String, _ body: [UInt8], path: String = service, headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        try await TestAPI.with { api in try await api.send(.POST, "\(path)?\(query)", headers, body: body) }
    }

    @Test(arguments: ProfileFixture.allCases)
    func theBodyIsTheProfile(_ fixture: ProfileFixture) async throws {
        let bytes = try fixture.bytes
        try await TestAPI.with { api in
            let created = try await api.send(.POST, "\(Self.service)?type=\(fixture.rawValue)", body: bytes)
            #expect(created.status == 201)
            #expect(created.header("content-type") == "application/json")
            #expect(created.json.at("kind")?.stringValue == "Profile")
            #expect(created.json.at("spec/service")?.stringValue == "frontend")
            #expect(created.json.at("status/sha256")?.stringValue == SHA256.hex(bytes))
            #expect(created.json.at("metadata/namespace")?.stringValue == "shop")
            let file = try await api.send(.GET, "\(TestAPI.profiles)/\(created.name)/download")
            #expect(file.body == bytes)
        }
    }

    @Test(arguments: ["application/octet-stream", "application/x-gzip", "text/html", "nonsense"])
    func theContentTypeCountsForNothing(_ type: String) async throws {
        #expect(
            try await upload("type=heap", try ProfileFixture.heap.bytes, headers: ["content-type": type]).status == 201)
    }

    @Test func labelsSayWhereItWasTaken() async throws {
        let query =
            "type=heap&labels=pod%3Dweb-1,,version%3D1.0&labels=node%3Dn1,container%3Dapp,instance%3D10.0.0.1,version%3D2.0"
        let answer = try await upload(query, try ProfileFixture.heap.bytes)
        #expect(answer.status == 201)
        #expect(answer.json.at("spec/podRef/name")?.stringValue == "web-1")
        #expect(answer.json.at("spec/nodeName")?.stringValue == "n1")
        #expect(answer.json.at("spec/container")?.stringValue == "app")
        #expect(answer.json.at("spec/instance")?.stringValue == "10.0.0.1")
        #expect(answer.json.at("spec/labels")?.arrayValue?.count == 6)
        #expect(answer.json.at("metadata/labels/version")?.stringValue == "1.0")
        #expect(answer.json.at("metadata/labels/pod")?.stringValue == "web-1")
    }

    @Test func theURLsNamespaceWins() async throws {
        let answer = try await upload("type=heap&labels=namespace%3Dbank", try ProfileFixture.heap.bytes)
        #expect(answer.json.at("metadata/namespace")?.stringValue == "shop")
        #expect(answer.json.at("spec/labels")?.arrayValue?.isEmpty == true)
        #expect(answer.warnings.contains { $0.contains("namespace") })
    }

    @Test func aServiceThatIsNoPathSegmentIsAParameter() async throws {
        let answer = try await upload("type=heap&service=team%2Ffront%20end", try ProfileFixture.heap.bytes)
        #expect(answer.json.at("spec/service")?.stringValue == "team/front end")
        #expect(answer.json.at("metadata/labels")?["profefe.io/service"] == nil)
    }

    @Test func theTimeInTheProfileGoesBeforeTheParameter() async throws {
        let trace = try await upload("type=trace&createdAt=2024-02-29T12:00:00.5%2B01:00", [1])
        #expect(trace.json.at("spec/createdAt")?.stringValue == "2024-02-29T11:00:00.5Z")
        let heap = try await upload("type=heap&createdAt=2024-02-29T12:00:00Z", try ProfileFixture.heap.bytes)
        #expect(heap.json.at("spec/createdAt")?.stringValue?.hasPrefix("2024-02-29") == false)
        let now = try await upload("type=trace", [1])
        #expect(now.json.at("spec/createdAt")?.stringValue == TestAPI.start.rfc3339())
    }

    @Test(arguments: [
        ("", "type"), ("type=", "type"), ("type=CPU", "type"), ("type=heap&labels=novalue", "labels"),
        ("type=heap&labels=%3Dx", "labels"), ("type=heap&createdAt=now", "createdAt"),
        ("type=heap&createdAt=1969-12-31T00:00:00Z", "createdAt"), ("type=heap&service=", "service"),
        ("type=heap&service=a%0Ab", "service"), ("type=heap&createdAt=99999-01-01T00:00:00Z", "createdAt"),
    ])
    func aBadParameterIsNamed(_ query: String, _ place: String) async throws {
        let answer = try await upload(query, try ProfileFixture.heap.bytes)
        #expect(answer.status == 422)
        #expect(answer.causes == [place])
    }

    @Test func allBadParametersAreToldAtOnce() async throws {
        let answer = try await upload("type=x&labels=y&createdAt=z&service=", [1])
        #expect(answer.causes == ["type", "service", "labels", "createdAt"])
    }

    @Test(arguments: [
        [UInt8](), Array("hello".utf8), Array("<html></html>".utf8), [0x1f, 0x8b],
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0],
        [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
    ])
    func aBrokenProfileIsRefusedWithThePlace(_ body: [UInt8]) async throws {
        let answer = try await upload("type=heap", body)
        #expect(answer.status == 422)
        #expect(answer.causes == ["body"])
    }

    @Test func anEmptyTraceIsRefusedToo() async throws {
        #expect(try await upload("type=trace", []).status == 422)
    }

    @Test func aBombIsRefused() async throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: (256 << 20) + 1), level: 1)
        let answer = try await upload("type=heap", bomb)
        #expect(answer.status == 422)
        #expect(answer.message.contains("\(256 << 20)"))
    }

    @Test func aBodyBeyondTheLimitIsTooLarge() async throws {
        let answer = try await upload("type=trace", [UInt8](repeating: 7, count: (64 << 20) + 1))
        #expect(answer.status == 413)
        #expect(answer.reason == "RequestEntityTooLarge")
        #expect(answer.message.contains("\(64 << 20)"))
    }

    @Test func aBodyMayComeInPieces() async throws {
        let bytes = try ProfileFixture.heap.bytes
        let pieces = stride(from: 0, to: bytes.count, by: 1000).map { Array(bytes[$0..<min($0 + 1000, bytes.count)]) }
        try await TestAPI.with { api in
            let created = try await api.send(.POST, "\(Self.service)?type=heap", pieces: pieces)
            #expect(created.json.at("status/sha256")?.stringValue == SHA256.hex(bytes))
            let large = [[UInt8]](repeating: [UInt8](repeating: 7, count: 1 << 20), count: 65)
            let refused = try await api.send(.POST, "\(Self.service)?type=trace", pieces: large)
            #expect(refused.status == 413)
        }
    }

    @Test func aDryRunKeepsNothing() async throws {
        let bytes = try ProfileFixture.heap.bytes
        try await TestAPI.with { api in
            let answer = try await api.send(.POST, "\(Self.service)?type=heap&dryRun=All", body: bytes)
            #expect(answer.status == 201)
            #expect(answer.json.at("metadata/resourceVersion") == nil)
            let list = try await api.send(.GET, TestAPI.profiles)
            #expect(list.names.isEmpty)
            let odd = try await api.send(.POST, "\(Self.service)?type=heap&dryRun=Some", body: bytes)
            #expect(odd.status == 422)
        }
    }

    /// Services come and go with their profiles: they are read, and nothing else.
    @Test func theParentIsReadOnly() async throws {
        try await TestAPI.with { api in
            for (method, path, status) in [
                (HTTPMethod.GET, "profileservices", 200), (.GET, "profileservices/frontend", 404),
                (.GET, "profileservices/frontend/profiles", 405), (.DELETE, "profileservices/frontend", 405),
                (.PUT, "profileservices/frontend", 405), (.POST, "profileservices", 405),
            ] {
                let answer = try await api.send(method, "\(TestAPI.shop)/\(path)")
                #expect(answer.status == status)
            }
        }
    }
}
