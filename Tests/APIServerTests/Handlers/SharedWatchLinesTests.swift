import APIMachinery
import NIOCore
import Testing

@testable import APIServer

struct SharedWatchLinesTests {
    /// The line of a change, and whether it was made for this call.
    private static func line(
        _ lines: SharedWatchLines, _ type: WatchEventEncoder.EventType, _ version: UInt64, form: Int = 0,
        _ text: String
    ) -> (String, Bool) {
        var isNew = false
        let line = lines.line(type, ResourceVersion(version), form: form) { bytes in
            isNew = true
            bytes += text.utf8
        }
        return (String(buffer: line), isNew)
    }

    @Test func aLineIsMadeOnceForAllWhoAskTheSame() {
        let lines = SharedWatchLines()
        #expect(Self.line(lines, .added, 7, "a") == ("a", true))
        #expect(Self.line(lines, .added, 7, "b") == ("a", false))
    }

    /// Selectors make one change an ADDED to some and a DELETED to others; forms and versions differ anyway.
    @Test(arguments: [
        (WatchEventEncoder.EventType.modified, UInt64(7), 0), (.deleted, 7, 0), (.added, 7, 1), (.added, 7 + 256, 0),
        (.added, 8, 0),
    ])
    func anotherTypeVersionOrFormIsAnotherLine(_ type: WatchEventEncoder.EventType, _ version: UInt64, _ form: Int) {
        let lines = SharedWatchLines()
        #expect(Self.line(lines, .added, 7, "a") == ("a", true))
        #expect(Self.line(lines, type, version, form: form, "b") == ("b", true))
    }

    @Test func aLongLineIsNotKept() {
        let lines = SharedWatchLines()
        let long = String(repeating: "x", count: (16 << 10) + 1)
        #expect(Self.line(lines, .added, 7, long) == (long, true))
        #expect(Self.line(lines, .added, 7, "a") == ("a", true))
    }
}
