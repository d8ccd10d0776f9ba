import Testing

@testable import ProfileCapture

struct CaptureTargetTests {
    private let two = [
        Pod.Container(name: "app", ports: [.init(name: "pprof", number: 6061), .init(number: 8080)]),
        Pod.Container(name: "side", ports: [.init(name: "admin", number: 9000)]),
    ]

    private func resolve(
        _ annotations: [String: String] = [:], _ containers: [Pod.Container]? = nil,
        _ endpoint: ProfilingEndpoint = .init(),
        container: String? = nil, service: String? = nil, workload: Pod.Workload? = nil, address: String? = "127.0.0.1",
        isRunning: Bool = true
    ) throws(CaptureError) -> CaptureTarget {
        let pod = Pod.sample(
            annotations: annotations, address: address, containers: containers ?? two, isRunning: isRunning,
            workload: workload)
        return try CaptureTarget(
            pod, CaptureSpec(target: .pod("web-1"), container: container, endpoint: endpoint, service: service))
    }

    @Test func defaultsAreThoseOfGo() throws {
        let target = try resolve()
        #expect(
            target.port == 6060 && target.path == "/debug/pprof" && target.scheme == .http && target.host == "127.0.0.1"
        )
        #expect(target.service == "web-1")
        #expect(!target.isOptedIn)
    }

    @Test func annotationsGoBeforeDefaultsAndTheSpecBeforeBoth() throws {
        let annotations = ["enable": "true", "port": "pprof", "path": "/p/", "scheme": "HTTPS", "service": "annotated"]
        let annotated = try resolve(annotations)
        #expect(
            annotated.port == 6061 && annotated.path == "/p" && annotated.scheme == .https
                && annotated.container == "app")
        #expect(annotated.service == "annotated")
        let asked = try resolve(
            annotations, nil, ProfilingEndpoint(port: .number(9000), path: "/q", scheme: .http), service: "asked")
        #expect(asked.port == 9000 && asked.path == "/q" && asked.scheme == .http && asked.container == "side")
        #expect(asked.service == "asked")
    }

    @Test func theServiceIsThatOfTheWorkloadBeforeThePod() throws {
        #expect(try resolve(workload: Pod.Workload(kind: "Deployment", name: "web")).service == "web")
    }

    @Test func theRootPathIsEmpty() throws {
        #expect(try resolve(["path": "/"]).path == "")
    }

    @Test(arguments: [
        (["enable": "true"], ProfilingEndpoint(), true),
        (["enable": "true"], ProfilingEndpoint(port: .number(6060), path: "/debug/pprof/", scheme: .http), true),
        (["enable": "true"], ProfilingEndpoint(port: .number(6061)), false),
        (["enable": "true", "port": "pprof"], ProfilingEndpoint(port: .number(6061)), true),
        (["enable": "true", "port": "6061"], ProfilingEndpoint(port: .name("pprof")), true),
        (["enable": "true", "port": "pprof"], ProfilingEndpoint(port: .name("admin")), false),
        (["enable": "true"], ProfilingEndpoint(path: "/secrets"), false),
        (["enable": "true"], ProfilingEndpoint(scheme: .https), false),
        (["enable": "false"], ProfilingEndpoint(), false), ([:], ProfilingEndpoint(), false),
    ])
    func isOptedInOnlyForWhatTheOwnerOffers(
        _ annotations: [String: String], _ endpoint: ProfilingEndpoint, _ expected: Bool
    ) throws {
        #expect(try resolve(annotations, nil, endpoint).isOptedIn == expected)
    }

    @Test func anotherContainersPortOfTheSameNameIsNotOffered() throws {
        let same = [
            Pod.Container(name: "app", ports: [.init(name: "pprof", number: 6061)]),
            Pod.Container(name: "side", ports: [.init(name: "pprof", number: 7000)]),
        ]
        let annotations = ["enable": "true", "port": "pprof", "container": "app"]
        #expect(try resolve(annotations, same).isOptedIn)
        let other = try resolve(annotations, same, container: "side")
        #expect(other.port == 7000 && !other.isOptedIn)
        // Without a container in the annotations the owner offers both, and the spec has to choose.
        #expect(throws: CaptureError(.invalidTarget, "")) { try resolve(["enable": "true", "port": "pprof"], same) }
        #expect(try resolve(["enable": "true", "port": "pprof"], same, container: "side").isOptedIn)
    }

    @Test func aPodThatDoesNotRunIsGone() {
        #expect(throws: CaptureError(.podGone, "")) { try resolve(isRunning: false) }
        #expect(throws: CaptureError(.podGone, "")) { try resolve(address: nil) }
        #expect(throws: CaptureError(.podGone, "")) { try resolve(address: "") }
    }

    @Test func whatCannotBeUsedIsNamed() {
        #expect(throws: CaptureError(.invalidTarget, "")) { try resolve(address: "example.com") }
        #expect(throws: CaptureError(.invalidTarget, "")) { try resolve(["port": "metrics"]) }
        #expect(throws: CaptureError(.invalidTarget, "")) { try resolve(container: "nobody") }
        let error = #expect(throws: CaptureError.self) { try resolve(container: "nobody") }
        #expect(error?.message.contains("app, side") == true)
    }

    @Test func aPortByNumberNeedNotBeDeclared() throws {
        #expect(try resolve([:], nil, ProfilingEndpoint(port: .number(12345))).container == "")
        #expect(try resolve([:], [Pod.Container(name: "only")]).container == "only")
        #expect(try resolve([:], nil, ProfilingEndpoint(port: .number(1)), container: "side").container == "side")
    }
}
