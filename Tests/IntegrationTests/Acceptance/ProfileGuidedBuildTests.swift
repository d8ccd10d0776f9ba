import Foundation
import Pprof
import TestSupport
import Testing

/// Issue 5: `pgo` is accepted by `go build -pgo`, and the build is another one for it.
///
/// A whole build: the profile goes to each package, so the first run compiles Go's runtime with it (7 s of a processor). What is
/// served is the same in every run, so later ones find that in Go's own cache.
@Suite(
    .timeLimit(.minutes(5)), .enabled(if: Tool.go.isPresent, Tool.go.absence),
    .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct ProfileGuidedBuildTests {
    let server: RunningServer

    init() throws { server = try .shared }

    /// Calls through an interface that a compiler without a profile cannot see through.
    private static let program = """
        package main

        type step interface{ add(sum, index int) int }

        type square struct{}

        func (square) add(sum, index int) int { return sum + index*index }

        func sums(count int, next step) int {
        	sum := 0
        	for index := 0; index < count; index++ {
        		sum = next.add(sum, index)
        	}
        	return sum
        }

        func main() { println(sums(1000, square{})) }

        """

    /// That program as a CPU profile of it tells: all the time goes to the call in line 12.
    private static func profile() throws -> [UInt8] {
        var builder = ProfileBuilder()
        builder.addSampleType("samples", unit: "count")
        builder.addSampleType("cpu", unit: "nanoseconds")
        let frames: [(name: String, start: Int64, line: Int64)] = [
            ("main.square.add", 7, 7), ("main.sums", 9, 12), ("main.main", 17, 17),
        ]
        let stack = frames.enumerated().map { number, frame in
            let function = builder.function(frame.name, filename: "main.go", startLine: frame.start)
            return builder.location(
                address: UInt64(number + 1), lines: [.init(function: function, line: frame.line)])
        }
        builder.addSample(stack: stack, values: [1000, 10_000_000_000])
        return try builder.gzipped()
    }

    @Test func theCompilerTurnsAHotInterfaceCallIntoADirectOneByTheServedProfile() async throws {
        let folder = try TemporaryDirectory("pgo")
        func write(_ name: String, _ content: Data) throws {
            try content.write(to: folder.url.appendingPathComponent(name))
        }
        try write("measured.pb.gz", Data(try Self.profile()))
        for _ in 0..<2 {
            _ = try await server.upload(
                "pgo", service: "sums", folder.url.appendingPathComponent("measured.pb.gz"))
        }
        let served = try await server.curl(
            "/apis/profefe.io/v1/namespaces/pgo/profileservices/sums/pgo?from=2020-01-01T00:00:00Z", as: .admin)
        try #require(served.status == 200, "\(served.text)")
        try write("default.pgo", Data(served.body))
        try write("main.go", Data(Self.program.utf8))
        try write("go.mod", Data("module sums\ngo 1.21\n".utf8))

        let off = [
            "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0",
        ]
        // `default.pgo` in the main package is what -pgo=auto, the default, takes.
        let built = try await Tool.go.run(
            ["build", "-gcflags=-m", "-o", "sums", "."], environment: off, directory: folder.url, within: .seconds(240))
        #expect(built.status == 0, "\(built.everything)")
        #expect(
            built.everything.contains("main.go:12:17: PGO devirtualizing interface call next.add to square.add"),
            "\(built.everything)")
        let said = try await Tool(at: folder.url.appendingPathComponent("sums")).run([])
        #expect(said.status == 0 && said.everything.contains("332833500"), "\(said.everything)")
        let version = try await Tool.go.run(["version", "-m", "sums"], environment: off, directory: folder.url)
        #expect(version.everything.contains("-pgo="), "\(version.everything)")
    }
}
