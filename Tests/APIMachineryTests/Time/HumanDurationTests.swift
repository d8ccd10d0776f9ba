import APIMachinery
import Testing

struct HumanDurationTests {
    /// B04: conformance.md 9.3, at both sides of every bound.
    @Test(
        arguments: [
            (-9_223_372_036_854_775_808, "<invalid>"), (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (1, "1s"),
            (119, "119s"), (120, "2m"), (121, "2m1s"),
            (599, "9m59s"), (600, "10m"), (659, "10m"), (10_799, "179m"), (10_800, "3h"), (10_860, "3h1m"),
            (28_799, "7h59m"), (28_800, "8h"),
            (172_799, "47h"), (172_800, "2d"), (176_400, "2d1h"), (691_199, "7d23h"), (691_200, "8d"),
            (63_071_999, "729d"),
            (63_072_000, "2y"), (63_158_400, "2y1d"), (252_287_999, "7y364d"), (252_288_000, "8y"),
            (9_223_372_036_854_775_807, "292471208677y"),
        ] as [(Int64, String)])
    func writesAges(seconds: Int64, text: String) {
        #expect(HumanDuration.age(seconds: seconds) == text)
    }

    @Test(
        arguments: [
            ("0", 0), ("0s", 0), ("1h30m0.5s", 5_400_500_000_000), ("-1.5h", -5_400_000_000_000),
            ("+5s", 5_000_000_000), ("1us", 1000),
            ("1µs", 1000), ("1μs", 1000), ("100ns", 100), ("1.5ms", 1_500_000), (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("9223372036854775807ns", .max), ("-9223372036854775808ns", .min), ("1m1m", 120_000_000_000),
            ("0.3333333333333333333h", 1_200_000_000_000 - 1), ("0.100000000000000000000h", 360_000_000_000),
        ] as [(String, Int64)])
    func readsGoDurations(text: String, nanoseconds: Int64) {
        #expect(Duration(goDuration: text) == .nanoseconds(nanoseconds))
    }

    @Test(arguments: [
        "", "-", "+", "1", "s", ".s", "1x", "1 s", " 1s", "1s ", "1d", "--1s", "1.5", "9223372036854775808ns",
        "2562048h", "1e3s",
        "99999999999999999999s", "1.2.3s", "１s", "NaN", "1h-1m", "-9223372036854775809ns",
    ])
    func refusesOtherDurations(text: String) {
        #expect(Duration(goDuration: text) == nil)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ns"), (1100, "1.1µs"), (2_200_000, "2.2ms"), (3_300_000_000, "3.3s"),
            (245_000_000_000, "4m5s"),
            (245_001_000_000, "4m5.001s"), (18_367_001_000_000, "5h6m7.001s"), (3_600_000_000_000, "1h0m0s"),
            (-1, "-1ns"),
            (.max, "2562047h47m16.854775807s"), (.min, "-2562047h47m16.854775808s"),
        ] as [(Int64, String)])
    func writesGoDurations(nanoseconds: Int64, text: String) {
        #expect(Duration.nanoseconds(nanoseconds).goString == text)
        #expect(Duration(goDuration: text) == .nanoseconds(nanoseconds))
    }

    @Test
    func holdsDurationsBeyondGos() {
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    }
}

struct HumanBytesTests {
    @Test(
        arguments: [
            (0, "0"), (1023, "1023"), (1024, "1Ki"), (25_703, "25.1Ki"), (1_048_575, "1023.9Ki"), (1_048_576, "1Mi"),
            (-2048, "-2Ki"),
            (.max, "7.9Ei"), (.min, "-8Ei"),
        ] as [(Int64, String)])
    func writesBinaryUnits(bytes: Int64, text: String) {
        #expect(HumanBytes.text(bytes) == text)
    }

    @Test(
        arguments: [
            (9_640_000_000, "nanoseconds", "9.64s"), (0, "nanoseconds", "0"), (999, "nanoseconds", "999ns"),
            (1500, "nanoseconds", "1.5us"),
            (90_000_000_000, "nanoseconds", "1.5mins"), (7_200, "seconds", "2hrs"), (12_897_485, "bytes", "12.3MB"),
            (512, "bytes", "512B"),
            (2048, "kilobytes", "2MB"), (1_200_000, "count", "1.2M"), (999, "objects", "999"), (1000, "count", "1k"),
            (999_999, "count", "1M"),
            (-9_640_000_000, "nanoseconds", "-9.64s"), (.max, "hours", "9.223372036854776e+18hrs"),
            (.min, "bytes", "-8192PB"), (.max, "", "9223372T"),
        ] as [(Int64, String, String)])
    func writesTotals(value: Int64, unit: String, text: String) {
        #expect(HumanMeasurement.text(value, unit: unit) == text)
    }
}
