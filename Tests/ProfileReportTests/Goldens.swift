import Digests
import Foundation

/// What Go's pprof prints for each profile of ``Corpus``, by its SHA-256: the judge where there is no Go.
///
/// A line of `Goldens.txt` is a digest, the profile and the options of `TZ=UTC go tool pprof -symbolize=none OPTIONS PROFILE` (Go
/// 1.27). `RECORD_GOLDENS=1 make test FILTER=TopReportTests` writes it anew. Where Go is, its live text must have these digests too.
struct Goldens {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens.txt")
    static var areRecorded: Bool { ProcessInfo.processInfo.environment["RECORD_GOLDENS"] != nil }

    private(set) var digests: [String: String] = [:]

    /// None yet.
    init() {}

    /// Those of the file.
    static func read() throws -> Goldens {
        var goldens = Goldens()
        for line in try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.count == 2 { goldens.digests[parts[1]] = parts[0] }
        }
        return goldens
    }

    static func name(_ corpus: Corpus, _ arguments: [String]) -> String {
        ([corpus.testDescription] + arguments).joined(separator: " ")
    }

    static func digest(_ text: String) -> String { SHA256.hex(Array(text.utf8)) }

    mutating func record(_ text: String, _ name: String) { digests[name] = Self.digest(text) }

    func write() throws {
        let lines = digests.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }
        try lines.joined().write(to: Self.file, atomically: true, encoding: .utf8)
    }
}
