import Foundation
import Testing

/// A profile of a real Go program; see Fixtures/README.md.
enum Fixture: String, CaseIterable, CustomTestStringConvertible {
    case cpu, cpuLabels = "cpu-labels", cpuLarge = "cpu-large", heap, allocs, mutex, block, goroutine, threadcreate

    var testDescription: String { rawValue }

    var url: URL { fixtureURL("\(rawValue).pb.gz") }

    /// The profile as Go wrote it, in gzip.
    func bytes() throws -> [UInt8] { try fixtureBytes("\(rawValue).pb.gz") }

    /// What `go tool pprof -raw` printed for it, in gzip.
    func goldenListing() throws -> [UInt8] { try fixtureBytes("\(rawValue).raw.gz") }
}

func fixtureURL(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
}

func fixtureBytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: fixtureURL(name))) }

func writeFile(_ path: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
