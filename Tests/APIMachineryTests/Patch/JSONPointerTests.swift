import Testing

@testable import APIMachinery

/// JSON pointers (RFC 6901).
struct JSONPointerTests {
    @Test(
        arguments: [
            ("", []), ("/foo", ["foo"]), ("/foo/0", ["foo", "0"]), ("/", [""]), ("/a~1b", ["a/b"]), ("/c%d", ["c%d"]),
            ("/m~0n", ["m~n"]), ("/~01", ["~1"]), ("//", ["", ""]), ("/a/", ["a", ""]), ("/é/-", ["é", "-"]),
            ("/ ", [" "]),
        ] as [(String, [String])])
    func stepsAreReadAndWritten(_ text: String, _ tokens: [String]) {
        let pointer = JSONPointer(text)
        #expect(pointer?.tokens == tokens)
        #expect(pointer?.description == text)
    }

    @Test(arguments: ["foo", " /a", "/~", "/~2", "/a~/b", "/a/b~", "~1"])
    func whatIsNoPointerIsRefused(_ text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("7", 7), ("10", 10), ("", nil), ("-", nil), ("-1", nil), ("+1", nil), ("01", nil), ("00", nil),
            ("1e0", nil),
            ("1.0", nil), (" 1", nil), ("٣", nil), ("9223372036854775807", Int.max), ("9223372036854775808", nil),
            ("99999999999999999999999999", nil),
        ] as [(String, Int?)])
    func indexesAreDigitsWithoutLeadingZeros(_ token: String, _ index: Int?) {
        #expect(JSONPointer.index(token) == index)
    }

    @Test(arguments: [
        ("/a", "/a/b", true), ("", "/a", true), ("/a", "/a", false), ("/a", "/ab", false), ("/a/b", "/a", false),
    ])
    func aPlaceContainsWhatLiesBelowIt(_ outer: String, _ inner: String, _ contains: Bool) throws {
        let (outer, inner) = (try #require(JSONPointer(outer)), try #require(JSONPointer(inner)))
        #expect(outer.contains(inner) == contains)
    }
}
