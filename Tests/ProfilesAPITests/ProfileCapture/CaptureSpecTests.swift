import APIMachinery
import ProfileCapture
import ProfileStore
import Testing

@testable import ProfilesAPI

struct CaptureSpecTests {
    /// What the create handler does: schema with defaults, then the reader.
    private func read(_ spec: JSONObject) -> (spec: CaptureSpec?, faults: [String]) {
        let checked = CaptureSchema.schema.check(captureObject(spec), path: .root)
        guard checked.errors.isEmpty else { return (nil, checked.errors.errors.map(\.path.description)) }
        var reader = CaptureSpecReader(checked.value["spec"] ?? .null)
        let spec = reader.read()
        return (spec, reader.errors.errors.map(\.path.description))
    }

    private func object(_ value: JSONValue) -> JSONObject {
        var object = JSONObject([("target", ["podName": "web-1"])])
        for (key, value) in value.objectValue ?? JSONObject() { object[key] = value }
        return object
    }

    @Test func hasTheDefaultsOfTheAPI() throws {
        let (spec, faults) = read(object([:]))
        #expect(faults.isEmpty)
        let read = try #require(spec)
        #expect(read.types == [.cpu, .heap, .goroutine])
        #expect(read.duration == .seconds(30) && !read.delta && read.maxPods == 10 && read.parallelism == 5)
        #expect(read.retry == CaptureSpec.Retry(limit: 2, backoff: .seconds(5)))
        #expect(read.activeDeadline == .seconds(600) && read.service == nil && read.container == nil)
        #expect(read.endpoint == ProfilingEndpoint() && read.profileLabels.isEmpty)
    }

    @Test func readsAll() throws {
        let (spec, faults) = read(
            object([
                "types": ["trace", "block"], "duration": "1m30s", "delta": true, "maxPods": 1000, "parallelism": 100,
                "retry": ["limit": 0, "backoff": "1.5s"], "activeDeadlineSeconds": 86_400, "service": "front end",
                "container": "app", "endpoint": ["port": "pprof", "path": "/p", "scheme": "HTTPS"],
                "profileLabels": ["incident": "42"], "ttlSecondsAfterFinished": 0,
            ]))
        #expect(faults.isEmpty)
        let read = try #require(spec)
        #expect(read.types == [.trace, .block] && read.duration == .seconds(90) && read.delta)
        #expect(read.maxPods == 1000 && read.parallelism == 100 && read.activeDeadline == .seconds(86_400))
        #expect(read.retry == CaptureSpec.Retry(limit: 0, backoff: .milliseconds(1500)))
        #expect(read.endpoint == ProfilingEndpoint(port: .name("pprof"), path: "/p", scheme: .https))
        #expect(read.service == "front end" && read.container == "app")
        #expect(read.profileLabels.map(\.key) == ["incident"])
    }

    @Test func aPortIsANumberOrAName() {
        #expect(read(object(["endpoint": ["port": 6060]])).spec?.endpoint.port == .number(6060))
        #expect(read(object(["endpoint": ["port": "6060"]])).spec?.endpoint.port == .number(6060))
    }

    @Test(
        arguments: [
            (["target": [:]], "spec.target"), (["target": nil], "spec.target"),
            (["target": ["podName": "web-1", "selector": [:]]], "spec.target"),
            (["target": ["podName": "Web_1"]], "spec.target.podName"),
            (["target": ["podName": ""]], "spec.target.podName"),
            (["target": ["selector": ["matchLabels": ["a b": "c"]]]], "spec.target.selector.matchLabels"),
            (["types": []], "spec.types"), (["types": ["cpu", "cpu"]], "spec.types[1]"),
            (["types": ["other"]], "spec.types[0]"),
            (["types": "cpu"], "spec.types"), (["duration": "0s"], "spec.duration"),
            (["duration": "-30s"], "spec.duration"),
            (["duration": "5m1s"], "spec.duration"), (["duration": "1.5s"], "spec.duration"),
            (["duration": "30"], "spec.duration"),
            (["duration": 30], "spec.duration"), (["duration": "999999999999999h"], "spec.duration"),
            (["maxPods": 0], "spec.maxPods"),
            (["maxPods": 1001], "spec.maxPods"), (["maxPods": -1], "spec.maxPods"), (["maxPods": 1.5], "spec.maxPods"),
            (["parallelism": 0], "spec.parallelism"), (["parallelism": 9_223_372_036_854_775_807], "spec.parallelism"),
            (["retry": ["limit": -1]], "spec.retry.limit"), (["retry": ["limit": 11]], "spec.retry.limit"),
            (["retry": ["backoff": "0s"]], "spec.retry.backoff"), (["retry": ["backoff": "6m"]], "spec.retry.backoff"),
            (["activeDeadlineSeconds": 0], "spec.activeDeadlineSeconds"),
            (["activeDeadlineSeconds": 30], "spec.activeDeadlineSeconds"),
            (["activeDeadlineSeconds": 86_401], "spec.activeDeadlineSeconds"),
            (["ttlSecondsAfterFinished": -1], "spec.ttlSecondsAfterFinished"),
            (["service": ""], "spec.service"), (["service": "a\tb"], "spec.service"),
            (["container": "App"], "spec.container"),
            (["endpoint": ["port": 0]], "spec.endpoint.port"), (["endpoint": ["port": 65_536]], "spec.endpoint.port"),
            (["endpoint": ["port": "+80"]], "spec.endpoint.port"), (["endpoint": ["port": true]], "spec.endpoint.port"),
            (["endpoint": ["path": "debug"]], "spec.endpoint.path"),
            (["endpoint": ["path": "/../x"]], "spec.endpoint.path"),
            (["endpoint": ["scheme": "http"]], "spec.endpoint.scheme"),
            (["profileLabels": ["profefe.io/type": "x"]], "spec.profileLabels[profefe.io/type]"),
            (["profileLabels": ["namespace": "x"]], "spec.profileLabels[namespace]"),
            (["profileLabels": ["": "x"]], "spec.profileLabels[]"),
            (["profileLabels": ["a": 1]], "spec.profileLabels[a]"), (["delta": "yes"], "spec.delta"),
        ] as [(JSONValue, String)])
    func refuses(_ change: JSONValue, _ place: String) {
        let (spec, faults) = read(object(change))
        #expect(spec == nil)
        #expect(faults.first?.hasPrefix(place) == true)
        #expect(faults.count == 1)
    }

    @Test func aDeadlineNeedNotFitADurationThatNobodyWaits() {
        #expect(read(object(["types": ["heap"], "activeDeadlineSeconds": 1])).faults.isEmpty)
        #expect(
            read(object(["types": ["heap"], "delta": true, "activeDeadlineSeconds": 1])).faults == [
                "spec.activeDeadlineSeconds"
            ])
    }

    @Test func everyFaultIsToldAtOnce() {
        let (_, faults) = read(
            object([
                "target": ["podName": "a", "selector": [:]], "duration": "0s", "container": "App",
                "endpoint": ["port": 0, "path": "x"],
                "retry": ["backoff": "0s"], "service": "a\nb", "profileLabels": ["namespace": "x"],
            ]))
        #expect(
            Set(faults) == [
                "spec.target", "spec.duration", "spec.container", "spec.endpoint.port", "spec.endpoint.path",
                "spec.retry.backoff",
                "spec.service", "spec.profileLabels[namespace]",
            ])
    }

    @Test func labelsAreCounted() {
        let many = JSONObject((0..<65).map { ("k\($0)", JSONValue.string("v")) })
        #expect(read(object(["profileLabels": .object(many)])).faults == ["spec.profileLabels"])
    }
}
