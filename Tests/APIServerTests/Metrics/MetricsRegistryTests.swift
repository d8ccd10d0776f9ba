import NIOHTTP1
import Testing

@testable import APIServer

/// H03
struct MetricsRegistryTests {
    @Test func writesPrometheusText() {
        let registry = MetricsRegistry()
        registry.counters("b_total", "Counts\nlines \\ slashes.", labels: ["x", "y"]).with("a\"b\\c\nd").increment(
            by: 3)
        registry.gauges("a_bytes", "Size.").with().set(1.5)
        let seconds = registry.histograms("c_seconds", "Time.", labels: ["v"], buckets: [0.1, 1]).with("GET")
        for value in [0.05, 0.1, 0.5, 7] { seconds.observe(value) }
        _ = registry.counters("unused_total", "Never.")
        #expect(
            registry.exposition() == #"""
                # HELP a_bytes Size.
                # TYPE a_bytes gauge
                a_bytes 1.5
                # HELP b_total Counts\nlines \\ slashes.
                # TYPE b_total counter
                b_total{x="a\"b\\c\nd",y=""} 3
                # HELP c_seconds Time.
                # TYPE c_seconds histogram
                c_seconds_bucket{v="GET",le="0.1"} 2
                c_seconds_bucket{v="GET",le="1"} 3
                c_seconds_bucket{v="GET",le="+Inf"} 4
                c_seconds_sum{v="GET"} 7.65
                c_seconds_count{v="GET"} 4

                """#)
    }

    @Test func givesTheSameSeriesForTheSameLabels() {
        let registry = MetricsRegistry()
        registry.counters("a_total", "A.", labels: ["x"]).with("1").increment()
        registry.counters("a_total", "A.", labels: ["x"]).with("1").increment()
        #expect(registry.counters("a_total", "A.", labels: ["x"]).with("1").value == 2)
    }

    @Test func boundsTheSeriesOfAFamily() {
        let registry = MetricsRegistry()
        let family = registry.counters("a_total", "A.", labels: ["x"])
        for number in 0..<6_000 { family.with(String(number)).increment() }
        #expect(family.with("other").value == 1_000)
        #expect(registry.exposition().split(separator: "\n").count == 5_003)
    }

    @Test func collectsBeforeWriting() {
        let registry = MetricsRegistry()
        let gauge = registry.gauges("a", "A.").with()
        registry.beforeExposition { gauge.add(2) }
        _ = registry.exposition()
        #expect(registry.exposition().contains("\na 4\n"))
    }

    @Test(arguments: [
        (0.0, "0"), (1e15, "1000000000000000"), (0.1, "0.1"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (-9.223372036854775808e18, "-9.223372036854776e+18"), (1e300, "1e+300"),
    ])
    func writesNumbers(_ value: Double, _ text: String) {
        #expect(Exposition.number(value) == text)
    }

    @Test func hasTheProcessMetrics() {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let text = registry.exposition()
        for name in [
            "cpu_seconds_total", "resident_memory_bytes", "virtual_memory_bytes", "start_time_seconds", "open_fds",
            "max_fds",
        ] {
            #expect(text.contains("\nprocess_\(name) "))
        }
        #expect(text.contains("# TYPE process_cpu_seconds_total counter"))
    }

    @Test func readsProcStatWhateverTheProgramIsCalled() throws {
        let text = "12 (a b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4 0 1000 4096 10 99"
        let stat = try #require(ProcessStat(text, ticksPerSecond: 100, pageSize: 4096))
        #expect(stat.cpuSeconds == 2)
        #expect(stat.startSeconds == 10)
        #expect(stat.virtualBytes == 4096)
        #expect(stat.residentBytes == 40960)
        for broken in ["", "12 (a", "12 (a) S 1", ")"] {
            #expect(ProcessStat(broken, ticksPerSecond: 100, pageSize: 1) == nil)
        }
    }

    // MARK: requests

    static let cases: [(HTTPMethod, String, String)] = [
        (
            .GET, "/apis/g/v1/things",
            #"verb="LIST",dry_run="",group="g",version="v1",resource="things",subresource="",scope="cluster""#
        ),
        (
            .GET, "/apis/g/v1/namespaces/n/things?watch=1",
            #"verb="WATCH",dry_run="",group="g",version="v1",resource="things",subresource="",scope="namespace""#
        ),
        (
            .GET, "/apis/g/v1/namespaces/n/things/a",
            #"verb="GET",dry_run="",group="g",version="v1",resource="things",subresource="",scope="resource""#
        ),
        (
            .POST, "/apis/g/v1/namespaces/n/things?dryRun=All",
            #"verb="POST",dry_run="All",group="g",version="v1",resource="things",subresource="",scope="resource""#
        ),
        (
            .DELETE, "/apis/g/v1/namespaces/n/things",
            #"verb="DELETECOLLECTION",dry_run="",group="g",version="v1",resource="things",subresource="",scope="namespace""#
        ),
        (
            .GET, "/apis/g/v1/namespaces/n/things/a/log",
            #"verb="CONNECT",dry_run="",group="g",version="v1",resource="things",subresource="log",scope="resource""#
        ),
        (
            .GET, "/apis/g/v1/gadgets/a",
            #"verb="other",dry_run="",group="",version="",resource="",subresource="",scope="resource""#
        ),
        (
            .GET, "/apis/g/v1/things/a/nothing",
            #"verb="other",dry_run="",group="",version="",resource="",subresource="",scope="resource""#
        ),
        (.GET, "/livez", #"verb="GET",dry_run="",group="",version="",resource="",subresource="/livez",scope="""#),
        (.GET, "/livez/x", #"verb="GET",dry_run="",group="",version="",resource="",subresource="",scope="""#),
        (
            .RAW(value: "BREW"), "/pot",
            #"verb="other",dry_run="",group="",version="",resource="",subresource="",scope="""#
        ),
    ]

    @Test(arguments: cases)
    func countsRequestsByKubernetesLabels(_ method: HTTPMethod, _ target: String, _ labels: String) async throws {
        let fixture = ChainFixture()
        _ = try await fixture.send(method, target)
        let text = fixture.registry.exposition()
        #expect(text.contains("apiserver_request_total{\(labels),component=\"apiserver\",code=\"200\"} 1\n"))
        #expect(text.contains("apiserver_request_duration_seconds_count{\(labels),component=\"apiserver\"} 1\n"))
    }

    @Test func noClientCanMakeSeries() async throws {
        let fixture = ChainFixture()
        for number in 0..<200 {
            _ = try await fixture.send(.GET, "/apis/g\(number)/v\(number)/r\(number)/n\(number)")
            _ = try await fixture.send(.GET, "/p\(number)", headers: ["x-test-user": "user\(number)"])
            _ = try await fixture.send(.RAW(value: "M\(number)"), "/apis/g/v1/things/\(number)")
        }
        let series = fixture.registry.exposition().split(separator: "\n").filter {
            $0.hasPrefix("apiserver_request_total{")
        }
        #expect(series.count == 3)
    }
}
