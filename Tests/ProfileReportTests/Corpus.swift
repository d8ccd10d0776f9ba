import Foundation
import Pprof
import TestSupport
import Testing

/// Every profile that reports are checked with: of a real Go program (the fixtures of PprofTests) and made by hand.
enum Corpus: CaseIterable, CustomTestStringConvertible {
    case real(String)
    case shape(ProfileShape)

    static let realNames = [
        "cpu", "cpu-labels", "cpu-large", "heap", "allocs", "mutex", "block", "goroutine", "threadcreate",
    ]

    static var allCases: [Corpus] { realNames.map { .real($0) } + ProfileShape.allCases.map { .shape($0) } }

    var testDescription: String {
        switch self {
        case .real(let name): name
        case .shape(let shape): "shape-\(shape.rawValue)"
        }
    }

    func bytes() throws -> [UInt8] {
        switch self {
        case .real(let name):
            let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            return [UInt8](try Data(contentsOf: tests.appendingPathComponent("PprofTests/Fixtures/\(name).pb.gz")))
        case .shape(let shape): return shape.bytes
        }
    }

    func profile() throws -> ValidatedProfile { try ProfileDecoder().decode(bytes()) }
}

/// What `go tool pprof` prints for the profile, in UTC.
func goPprof(_ options: [String], _ profile: [UInt8]) async throws -> String {
    let folder = try TemporaryDirectory("report")
    try Data(profile).write(to: folder.url.appendingPathComponent("profile"))
    return try await GoPprof.text(["-symbolize=none"] + options + [folder.path("profile")])
}
