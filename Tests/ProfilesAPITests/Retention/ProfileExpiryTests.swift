import APIMachinery
import Testing

@testable import ProfilesAPI

struct ProfileExpiryTests {
    private static func object(_ json: String) -> EncodedObject {
        EncodedObject(
            json: Array(json.utf8), metadata: 0..<0, cells: [], createdAt: 0, resourceVersion: ResourceVersion(1))
    }

    private static func stamped(_ json: String, _ end: Int64?) -> String {
        String(decoding: ProfileExpiry.stamp(object(json), end).json, as: UTF8.self)
    }

    private static let bare = #"{"metadata":{},"status":{"sizeBytes":1,"conditions":[{"type":"Readable"}]}}"#
    private static let ending =
        #"{"metadata":{},"status":{"sizeBytes":1,"conditions":[{"type":"Readable"}],"expiresAt":"2026-11-22T08:00:00Z"}}"#

    @Test func anEndIsPutInExchangedAndTakenAway() {
        #expect(Self.stamped(Self.bare, 1_795_334_400) == Self.ending)
        #expect(Self.stamped(Self.ending, 1_795_334_400) == Self.ending)
        #expect(Self.stamped(Self.stamped(Self.bare, 0), 1_795_334_400) == Self.ending)
        #expect(Self.stamped(Self.ending, nil) == Self.bare)
        #expect(Self.stamped(Self.bare, nil) == Self.bare)
    }

    @Test(arguments: ["", "}", "}}", "[]", #"{"a":1}"#, #"{"expiresAt":"2026-11-22T08:00:00Z"}"#])
    func whatIsNoProfileIsLeftOrStaysJSON(_ text: String) {
        #expect(Self.stamped(text, nil) == text)
        if text != "}}" { #expect(Self.stamped(text, 5) == text) }
    }

    @Test func aTimeBeyondTheCalendarIsNoEnd() {
        #expect(Self.stamped(Self.bare, .max) == Self.bare)
    }
}
