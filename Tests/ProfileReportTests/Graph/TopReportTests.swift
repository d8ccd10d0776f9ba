import Foundation
import Pprof
import TestSupport
import Testing

@testable import ProfileReport

/// Top, against the text of `go tool pprof -top`.
struct TopReportTests {
    struct Case: CustomTestStringConvertible {
        let arguments: [String]
        let change: @Sendable (inout ReportOptions) throws -> Void
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String..., change: @escaping @Sendable (inout ReportOptions) throws -> Void) {
            self.arguments = arguments
            self.change = change
        }
    }

    static let cases = [
        Case("-top") { _ in },
        Case("-top", "-nodefraction=0", "-edgefraction=0") {
            $0.nodeFraction = 0
            $0.edgeFraction = 0
        },
        Case("-top", "-cum") { $0.order = .cum },
        Case("-top", "-nodecount=10") { $0.nodeCount = 10 },
        Case("-top", "-sample_index=0") { $0.sampleIndex = "0" },
        Case("-top", "-filefunctions") { $0.granularity = .filefunctions },
        Case("-top", "-lines") { $0.granularity = .lines },
        Case("-top", "-addresses") { $0.granularity = .addresses },
        Case("-top", "-focus=main|Cart|Frontend", "-hide=runtime") {
            $0.filter.focus = try FramePattern("main|Cart|Frontend")
            $0.filter.hide = try FramePattern("runtime")
            $0.activeFilters = ["focus=main|Cart|Frontend", "hide=runtime"]
        },
        Case("-top", "-nodefraction=0.1", "-nodecount=3", "-ignore=json", "-show=.*") {
            $0.nodeFraction = 0.1
            $0.nodeCount = 3
            $0.filter.ignore = try FramePattern("json")
            $0.filter.show = try FramePattern(".*")
            $0.activeFilters = ["ignore=json", "show=.*"]
        },
    ]

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: Corpus.allCases, cases)
    func theTextIsThatOfGoToolPprof(_ corpus: Corpus, _ top: Case) async throws {
        // Names with line ends or broken characters make lines that can't be compared.
        if case .shape(.hostile) = corpus { return }
        var options = ReportOptions()
        try top.change(&options)
        let bytes = try corpus.bytes()
        let theirs = try await goPprof(top.arguments, bytes)
        #expect(try TopReport(corpus.profile(), options).text == theirs)
        #expect(try Goldens.digest(theirs) == Goldens.read().digests[Goldens.name(corpus, top.arguments)])
    }

    /// The same as above where there is no Go.
    @Test(arguments: Corpus.allCases, cases)
    func theTextIsTheGolden(_ corpus: Corpus, _ top: Case) throws {
        var options = ReportOptions()
        try top.change(&options)
        if case .shape(.hostile) = corpus { return }
        let golden = try #require(try Goldens.read().digests[Goldens.name(corpus, top.arguments)])
        #expect(Goldens.digest(try TopReport(corpus.profile(), options).text) == golden)
    }

    @Test(.enabled(if: Goldens.areRecorded && Tool.go.isPresent, "RECORD_GOLDENS is not set"))
    func recordsTheGoldens() async throws {
        var goldens = Goldens()
        for corpus in Corpus.allCases {
            if case .shape(.hostile) = corpus { continue }
            for top in Self.cases {
                goldens.record(try await goPprof(top.arguments, corpus.bytes()), Goldens.name(corpus, top.arguments))
            }
        }
        try goldens.write()
    }

    @Test func recursionCountsOnce() throws {
        let top = try TopReport(Corpus.shape(.recursion).profile())
        let rows = Dictionary(uniqueKeysWithValues: top.rows.map { ($0.name, $0) })
        #expect(rows["tree.(*Node).Walk"]?.cum == 70_000_000)
        #expect(rows["main.main"]?.cum == 80_000_000)
        #expect(rows["main.main"]?.flat == 10_000_000)
        #expect(top.rows.reduce(0) { $0 + $1.flat } == top.total)
    }

    @Test func aDifferenceIsCountedAgainstItsBase() throws {
        let top = try TopReport(Corpus.shape(.negative).profile())
        #expect(top.total == 1_400_000_000)
        #expect(top.rows.map(\.name).prefix(2) == ["pkg.shrank", "pkg.grew"])
        #expect(top.rows.map(\.flat).prefix(2) == [-800_000_000, 300_000_000])
    }

    @Test func anUnknownSampleIndexSaysWhatThereIs() throws {
        var options = ReportOptions()
        for wrong in ["allocs", "2", "-1", "99999999999999999999"] {
            options.sampleIndex = wrong
            #expect(throws: ReportError(.unknownSampleIndex, "")) {
                _ = try TopReport(Corpus.real("cpu").profile(), options)
            }
        }
        let error = #expect(throws: ReportError.self) { _ = try TopReport(Corpus.real("cpu").profile(), options) }
        #expect(error?.message.contains("samples, cpu") == true)
    }

    @Test func theJSONIsReadable() throws {
        for corpus in Corpus.allCases {
            let top = try TopReport(corpus.profile())
            let object = try JSONSerialization.jsonObject(with: Data("{\(top.jsonMembers)}".utf8)) as? [String: Any]
            let rows = object?["rows"] as? [[String: Any]]
            #expect(rows?.compactMap { $0["name"] as? String } == top.rows.map(\.name))
            #expect(rows?.compactMap { $0["flat"] as? Int64 } == top.rows.map(\.flat))
        }
    }
}
