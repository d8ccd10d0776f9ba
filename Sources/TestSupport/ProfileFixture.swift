import Foundation

/// The profiles of a real Go program, for the tests of every target; see Tests/PprofTests/Fixtures/README.md.
public enum ProfileFixture: String, Sendable, CaseIterable {
    case cpu, heap, allocs, mutex, block, goroutine, threadcreate

    /// The profile as Go wrote it, in gzip.
    public var bytes: [UInt8] {
        get throws {
            let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let file = package.appendingPathComponent("Tests/PprofTests/Fixtures/\(rawValue).pb.gz")
            return [UInt8](try Data(contentsOf: file))
        }
    }
}
