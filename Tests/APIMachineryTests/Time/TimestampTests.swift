import APIMachinery
import TestSupport
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2024-02-29T12:00:00Z", 1_709_208_000, 0),
            ("2000-02-29T00:00:00Z", 951_782_400, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
            ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
            ("1969-12-31T23:59:59.5Z", -1, 500_000_000), ("2024-01-01T05:30:00+05:30", 1_704_067_200, 0),
            ("2023-12-31T19:00:00-05:00", 1_704_067_200, 0), ("2024-01-01t00:00:00z", 1_704_067_200, 0),
            ("2024-01-01T00:00:00.000001Z", 1_704_067_200, 1000),
            ("2024-01-01T00:00:00.1234567899Z", 1_704_067_200, 123_456_789),
            ("1900-02-28T00:00:00Z", -2_203_977_600, 0),
        ] as [(String, Int64, Int32)])
    func readsRFC3339(text: String, seconds: Int64, nanoseconds: Int32) {
        let moment = Timestamp(rfc3339: text)
        #expect(moment?.seconds == seconds)
        #expect(moment?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "2024", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-04-31T00:00:00Z", "2024-01-00T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T23:60:00Z", "2024-01-01T23:59:60Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+0530", "+024-01-01T00:00:00Z",
        "2024-1-1T0:0:0Z",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01", "２０２４-01-01T00:00:00Z", "2024-01-01T00:00:00,5Z",
    ])
    func refusesTheRest(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test
    func writesItsThreeForms() throws {
        let moment = try #require(Timestamp(rfc3339: "2024-02-29T23:05:09.120000Z"))
        #expect(moment.rfc3339() == "2024-02-29T23:05:09Z")
        #expect(moment.rfc3339(fraction: .micro) == "2024-02-29T23:05:09.120000Z")
        #expect(moment.rfc3339(fraction: .auto) == "2024-02-29T23:05:09.12Z")
        #expect(moment.wholeSeconds.rfc3339(fraction: .auto) == "2024-02-29T23:05:09Z")
        #expect(Timestamp.earliest.rfc3339() == "0001-01-01T00:00:00Z")
        #expect(Timestamp.latest.rfc3339(fraction: .auto) == "9999-12-31T23:59:59.999999999Z")
    }

    @Test
    func givesBackEveryDay() {
        var random = SeededRandom(seed: 7)
        var day = Timestamp.earliest.seconds
        while day < Timestamp.latest.seconds {
            let moment = Timestamp(seconds: day, nanoseconds: Int32.random(in: 0..<1_000_000_000, using: &random))
            #expect(moment.flatMap { Timestamp(rfc3339: $0.rfc3339(fraction: .auto)) } == moment)
            day += 86_400 * Int64.random(in: 1...100, using: &random) + Int64.random(in: 0..<86_400, using: &random)
        }
    }

    @Test
    func holdsAtItsBounds() {
        #expect(Timestamp(seconds: .max) == nil)
        #expect(Timestamp(seconds: .min) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: -1) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: 1_000_000_000) == nil)
        #expect(Timestamp.latest.adding(.seconds(Int64.max)) == .latest)
        #expect(Timestamp.earliest.adding(.seconds(Int64.min)) == .earliest)
        #expect(Timestamp.latest.nanosecondsSince1970 == nil)
        #expect(Timestamp(nanosecondsSince1970: .min).nanosecondsSince1970 == .min)
        #expect(Timestamp(nanosecondsSince1970: .max).nanosecondsSince1970 == .max)
        #expect(Timestamp(nanosecondsSince1970: -1) == Timestamp(seconds: -1, nanoseconds: 999_999_999))
    }

    @Test(arguments: [(0, 1_500), (100, -1_500), (-5, -100), (5, 999), (7, -1), (7, 0)] as [(Int64, Int64)])
    func addsAndSubtracts(start: Int64, milliseconds: Int64) throws {
        let moment = try #require(Timestamp(seconds: start, nanoseconds: 700_000_000))
        let later = moment.adding(.milliseconds(milliseconds))
        #expect(later.since(moment) == .milliseconds(milliseconds))
        #expect((later < moment) == (milliseconds < 0))
    }
}
