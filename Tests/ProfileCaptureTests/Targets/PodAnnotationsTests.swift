import Testing

@testable import ProfileCapture

struct PodAnnotationsTests {
    private func read(_ annotations: [String: String]) throws(CaptureError) -> PodAnnotations {
        var all: [String: String] = [:]
        for (name, value) in annotations { all[PodAnnotations.prefix + name] = value }
        return try PodAnnotations(all)
    }

    @Test(arguments: [
        ("true", true), ("True", true), ("1", true), ("t", true), ("false", false), ("0", false), ("F", false),
        ("", false),
    ])
    func readsEnable(_ text: String, _ expected: Bool) throws {
        #expect(try read(["enable": text]).isEnabled == expected)
    }

    @Test func nothingIsTheDefault() throws {
        let annotations = try PodAnnotations(["app": "web", "prometheus.io/port": "x y"])
        #expect(!annotations.isEnabled)
        #expect(annotations.port == nil && annotations.path == nil && annotations.scheme == nil)
        #expect(annotations.service == nil && annotations.container == nil)
    }

    @Test func emptyValuesCountAsNone() throws {
        let annotations = try read(["port": "", "path": "", "scheme": "", "service": "", "container": ""])
        #expect(annotations.port == nil && annotations.path == nil && annotations.scheme == nil)
        #expect(annotations.service == nil && annotations.container == nil)
    }

    @Test func readsAll() throws {
        let annotations = try read([
            "enable": "true", "port": "pprof", "path": "/x/", "scheme": "https", "service": "front end",
            "container": "app",
        ])
        #expect(annotations.isEnabled)
        #expect(annotations.port == .name("pprof"))
        #expect(annotations.path == "/x/")
        #expect(annotations.scheme == .https)
        #expect(annotations.service == "front end")
        #expect(annotations.container == "app")
    }

    @Test(arguments: [
        ("enable", "yes"), ("enable", " true"), ("port", "0"), ("port", "65536"), ("port", "a b"), ("path", "debug"),
        ("path", "/../x"),
        ("path", "/x?y"), ("scheme", "ftp"), ("scheme", "http "), ("service", "a\nb"),
        ("service", String(repeating: "s", count: 254)),
        ("container", "App_1"),
    ])
    func refuses(_ name: String, _ value: String) {
        let error = #expect(throws: CaptureError.self) { try read([name: value]) }
        #expect(error?.code == .invalidTarget)
        #expect(error?.message.contains("profefe.com/\(name)") == true)
        #expect(error?.message.contains(value.prefix(80)) == true)
    }

    @Test func tellsEveryFaultAtOnce() {
        let error = #expect(throws: CaptureError.self) {
            try read(["enable": "maybe", "port": "-1", "scheme": "gopher"])
        }
        for name in ["enable", "port", "scheme"] { #expect(error?.message.contains("profefe.com/\(name)") == true) }
    }
}
