import APIMachinery
import ProfefeCollector
import Testing

struct CollectorEnvelopeTests {
    static let one = #"""
        {"id":"dc1b4db8di1926omun9g","type":"cpu","service":"a","labels":[{"key":"k","value":"v"},{"key":"k","value":""}],"created_at":"2026-11-22T08:00:05Z"}
        """#

    @Test func aProfileSentIsAnswered() throws {
        let answer = try CollectorEnvelope(Array("{\"code\":200,\"body\":\(Self.one)}\n".utf8))
        #expect(answer.code == 200)
        #expect(answer.error == nil)
        let profile = try answer.profile()
        #expect(profile.id == "dc1b4db8di1926omun9g")
        #expect(profile.type == .cpu)
        #expect(profile.service == "a")
        #expect(profile.labels == CollectorLabels([.init("k", "v"), .init("k", "")]))
        #expect(profile.createdAt.rfc3339() == "2026-11-22T08:00:05Z")
    }

    @Test func aSearchIsAnswered() throws {
        let bare =
            #"{"id":"x","type":"ProfileType(9)","service":"a","created_at":"2026-11-22T09:00:05.5+01:00","new":1}"#
        let answer = try CollectorEnvelope(Array("{\"body\":[\(Self.one),\(bare)],\"code\":200}".utf8))
        let profiles = try answer.profiles()
        #expect(profiles.map(\.typeName) == ["cpu", "ProfileType(9)"])
        #expect(profiles.last?.type == nil)
        #expect(profiles.last?.labels.labels.isEmpty == true)
        #expect(profiles.last?.createdAt.rfc3339(fraction: .auto) == "2026-11-22T08:00:05.5Z")
    }

    @Test func servicesAreAnswered() throws {
        #expect(try CollectorEnvelope(Array(#"{"code":200,"body":["a","b/c"]}"#.utf8)).services() == ["a", "b/c"])
        #expect(try CollectorEnvelope(Array(#"{"code":200,"body":[]}"#.utf8)).services() == [])
    }

    @Test(arguments: [
        #"{"code":404,"error":"nothing found"}"#, #"{"code":404,"error":"nothing found","body":null,"more":[]}"#,
    ])
    func aFailureIsAnswered(text: String) throws {
        let answer = try CollectorEnvelope(Array(text.utf8))
        #expect(answer == CollectorEnvelope(code: 404, error: "nothing found"))
        #expect(throws: WireError(.badShape, "")) { try answer.profiles() }
        #expect(throws: WireError(.badShape, "")) { try answer.profile() }
        #expect(throws: WireError(.badShape, "")) { try answer.services() }
    }

    @Test(arguments: ["", "<html>", "{", #"{"code":200} x"#, "\u{1f}\u{8b}", String(repeating: "[", count: 100)])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: WireError(.notJSON, "")) { try CollectorEnvelope(Array(text.utf8)) }
    }

    @Test(arguments: [
        "null", "[]", "{}", #"{"code":"200"}"#, #"{"code":2e2}"#, #"{"code":null}"#, #"{"code":404,"error":7}"#,
    ])
    func whatIsNoEnvelopeIsRefused(text: String) {
        #expect(throws: WireError(.badShape, "")) { try CollectorEnvelope(Array(text.utf8)) }
    }

    @Test(arguments: [
        (#"{}"#, "body[0].created_at"),
        (#"7"#, "body[0].created_at"),
        (#"{"id":"x","type":"cpu","service":"a"}"#, "body[0].created_at"),
        (#"{"id":"x","type":"cpu","service":"a","created_at":"yesterday"}"#, "body[0].created_at"),
        (#"{"id":"","type":"cpu","service":"a","created_at":"2026-11-22T08:00:05Z"}"#, "body[0].id"),
        (#"{"id":7,"type":"cpu","service":"a","created_at":"2026-11-22T08:00:05Z"}"#, "body[0].id"),
        (#"{"id":"x","service":"a","created_at":"2026-11-22T08:00:05Z"}"#, "body[0].type"),
        (#"{"id":"x","type":"cpu","created_at":"2026-11-22T08:00:05Z"}"#, "body[0].service"),
        (#"{"id":"x","type":"cpu","service":"a","labels":{},"created_at":"2026-11-22T08:00:05Z"}"#, "body[0].labels"),
        (
            #"{"id":"x","type":"cpu","service":"a","labels":[{"key":"k"}],"created_at":"2026-11-22T08:00:05Z"}"#,
            "body[0].labels[0]"
        ),
    ])
    func aProfileThatLacksSomethingIsRefusedWithItsPlace(profile: String, place: String) throws {
        let answer = try CollectorEnvelope(Array("{\"code\":200,\"body\":[\(profile)]}".utf8))
        let error = #expect(throws: WireError(.badShape, "")) { try answer.profiles() }
        #expect(error?.message.hasPrefix("\(place):") == true)
    }

    @Test func answersAreWrittenAsProfefeWritesThem() throws {
        let bytes = CollectorEnvelope.encode { writer in
            writer.array { writer in
                CollectorProfile(
                    id: "dc1b4db8di1926omun9g", typeName: "cpu", service: "a\"b",
                    labels: CollectorLabels([.init("k", "v")]),
                    createdAt: Timestamp(seconds: 1_763_798_405, nanoseconds: 7) ?? .earliest
                ).encode(into: &writer)
            }
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"code":200,"body":[{"id":"dc1b4db8di1926omun9g","type":"cpu","service":"a\"b","#
                + #""labels":[{"key":"k","value":"v"}],"created_at":"2025-11-22T08:00:05Z"}]}"# + "\n")
        #expect(try CollectorEnvelope(bytes).profiles().count == 1)
    }

    @Test func failuresAreWrittenAsProfefeWritesThem() {
        #expect(
            String(decoding: CollectorEnvelope.encode(code: 404, error: "nothing found"), as: UTF8.self)
                == "{\"code\":404,\"error\":\"nothing found\"}\n")
    }
}
