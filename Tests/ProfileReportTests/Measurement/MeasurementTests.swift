import Testing

@testable import ProfileReport

/// Values as people read them; the expected texts are what google/pprof's measurement package gives.
struct MeasurementTests {
    static let texts: [(Int64, String, String)] = [
        (0, "nanoseconds", "0"), (1, "nanoseconds", "1ns"), (1500, "nanoseconds", "1.50us"),
        (1_510_000_000, "nanoseconds", "1.51s"),
        (3_600_000_000_000, "nanoseconds", "1hrs"), (-90_000_000, "nanoseconds", "-90ms"), (964, "count", "964"),
        (1 << 20, "bytes", "1MB"), (1536, "bytes", "1.50kB"), (1023, "B", "1023B"), (5, "widgets", "5"),
        (2_000_000, "microsecond", "2s"),
        (.max, "bytes", "8192PB"), (.min, "bytes", "-9223372036854775808B"), (7, "", "7"), (1005, "nanoseconds", "1us"),
        (12, "s", "12s"),
    ]

    @Test(arguments: texts)
    func valuesAreScaled(_ value: Int64, _ unit: String, _ text: String) {
        #expect(Measurement.text(value, unit: unit) == text)
    }

    static let percentages: [(Int64, Int64, String)] = [
        (0, 0, "    0%"), (0, 5, "    0%"), (1, 1, "  100%"), (9994, 10000, "99.94%"), (9996, 10000, "  100%"),
        (1, 200, "  0.5%"),
        (1, 100, " 1.00%"), (71, 10000, " 0.71%"), (-1, 2, "50.00%"), (1, 1_000_000, "0.0001%"),
        (1, 10_000_000, "1e-05%"), (5, 1, "500.00%"),
    ]

    @Test(arguments: percentages)
    func sharesAreSixWide(_ value: Int64, _ total: Int64, _ text: String) {
        #expect(Measurement.percentage(value, of: total) == text)
    }

    static let times: [(Int64, String)] = [
        (0, "1970-01-01 00:00:00 UTC"), (1_763_712_005_499_312_000, "2025-11-21 08:00:05 UTC"),
        (-1, "1969-12-31 23:59:59 UTC"),
        (951_782_400_000_000_000, "2000-02-29 00:00:00 UTC"), (.max, "2262-04-11 23:47:16 UTC"),
        (.min, "1677-09-21 00:12:43 UTC"),
    ]

    @Test(arguments: times)
    func timesAreInUTC(_ nanos: Int64, _ text: String) { #expect(CivilTime.text(nanos: nanos) == text) }

    static let paths = [
        ("", "."), ("a//b/./c/../d", "a/b/d"), ("/../a", "/a"), ("../../a", "../../a"), ("/", "/"),
        ("/proc/self/cwd/./src/x.cc", "src/x.cc"),
        ("a/..", "."), ("/proc/self/cwd/y.cc", "y.cc"),
    ]

    @Test(arguments: paths)
    func pathsAreCleaned(_ path: String, _ cleaned: String) { #expect(SourcePath.clean(path) == cleaned) }
}
