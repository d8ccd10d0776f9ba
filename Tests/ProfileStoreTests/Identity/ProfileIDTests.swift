import ProfileStore
import Testing

@Suite struct ProfileIDTests {
    @Test(arguments: [
        ("dc1b4db8di1926omun9g", true), ("00000000000000000000", true), ("vvvvvvvvvvvvvvvvvvvg", true),
        ("", false), ("dc1b4db8di1926omun9", false), ("dc1b4db8di1926omun9g0", false), ("DC1B4DB8DI1926OMUN9G", false),
        ("dc1b4db8di1926omun9w", false), ("dc1b4db8di1926omun91", false), ("dc1b4db8di1926omu\u{0}9g", false),
        ("dc1b4db8di1926omu/9g", false), ("dc1b4db8di1926omé9g", false),
    ])
    func tellsIdsFromOtherTexts(_ text: String, _ isValid: Bool) {
        #expect(ProfileID.isValid(text) == isValid)
        #expect((ProfileID.time(of: text) != nil) == isValid)
    }

    /// From the README of github.com/rs/xid: `9m4e2mr0ui3e8a215n4g` is of time 1300816219.
    @Test func readsTheTimeOfXidsOwnExample() {
        #expect(ProfileID.time(of: "9m4e2mr0ui3e8a215n4g") == 1_300_816_219)
    }

    @Test func newIdsAreValidDistinctAndOfTheirSecond() {
        let ids = (0..<10_000).map { _ in ProfileID.make(at: 1_763_712_005) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { ProfileID.isValid($0) && ProfileID.time(of: $0) == 1_763_712_005 })
        #expect(ProfileID.make(at: 1_763_712_006) > ids[0])
    }
}
