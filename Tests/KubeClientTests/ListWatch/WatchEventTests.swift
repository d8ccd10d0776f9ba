import APIMachinery
import Testing

@testable import KubeClient

struct WatchEventTests {
    private static func decode(_ text: String) throws(KubeClientError) -> WatchEvent {
        try WatchEvent.decode(Array(text.utf8))
    }

    @Test(arguments: ["ADDED", "MODIFIED"]) func aChangeHasItsObjectAndVersion(_ type: String) throws {
        let event = try Self.decode(
            #"{"type":"\#(type)","object":{"metadata":{"name":"a","resourceVersion":"7"}}}"#)
        #expect(event == .set(["metadata": ["name": "a", "resourceVersion": "7"]], version: "7"))
    }

    @Test func aDeletionAndABookmarkHaveTheirVersions() throws {
        #expect(
            try Self.decode(#"{"object":{"metadata":{"name":"a","resourceVersion":"8"}},"type":"DELETED"}"#)
                == .deleted(["metadata": ["name": "a", "resourceVersion": "8"]], version: "8"))
        #expect(
            try Self.decode(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#)
                == .bookmark(version: "9"))
    }

    @Test(arguments: [
        #"{"code":410,"message":"too old"}"#, #"{"reason":"Expired","message":"too old"}"#,
        #"{"reason":"Gone","message":"too old"}"#,
    ]) func a410IsExpired(_ status: String) throws {
        #expect(try Self.decode(#"{"type":"ERROR","object":\#(status)}"#) == .expired("too old"))
    }

    @Test func anotherErrorHasItsStatus() throws {
        let event = try Self.decode(
            #"{"type":"ERROR","object":{"code":500,"reason":"InternalError","message":"x","details":{"retryAfterSeconds":3}}}"#
        )
        guard case .failed(let error) = event else {
            Issue.record("\(event)")
            return
        }
        #expect(error.code == .refused && error.status == 500 && error.reason == .internalError)
        #expect(error.retryAfter == .seconds(3))
        #expect(error.message == "the watch reports an error: x")
    }

    @Test func anErrorWithoutAStatusIsOneToo() throws {
        for object in ["{}", #"{"code":"410"}"#, #"{"code":1e99}"#, #"{"details":{"retryAfterSeconds":-1}}"#] {
            guard case .failed(let error) = try Self.decode(#"{"type":"ERROR","object":\#(object)}"#) else {
                Issue.record("\(object)")
                continue
            }
            #expect(error.retryAfter == nil)
        }
    }

    @Test(arguments: [
        ("", "is no JSON"), ("x", "is no JSON"), (#"{"type":"ADDED""#, "is no JSON"), ("[]", "has no type"),
        ("null", "has no type"), (#"{"type":7,"object":{}}"#, "has no type"),
        (#"{"type":"ADDED"}"#, "event ADDED of the watch has no object"),
        (#"{"type":"ADDED","object":[]}"#, "has no object"), (#"{"type":"ERROR","object":null}"#, "has no object"),
        (#"{"type":"ADDED","object":{}}"#, "no metadata.resourceVersion"),
        (#"{"type":"DELETED","object":{"metadata":{"name":"a"}}}"#, "no metadata.resourceVersion"),
        (#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":""}}}"#, "no metadata.resourceVersion"),
        (#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":7}}}"#, "no metadata.resourceVersion"),
        (#"{"type":"added","object":{"metadata":{"resourceVersion":"7"}}}"#, #"unknown type "added""#),
        (#"{"type":"ADDED","object":{}} {}"#, "is no JSON"),
    ]) func whatIsNoEventIsRefused(_ text: String, _ message: String) async {
        let error = await failure { () throws(KubeClientError) in _ = try Self.decode(text) }
        #expect(error == KubeClientError(.badAnswer, ""))
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
