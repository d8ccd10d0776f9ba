import TestSupport
import Testing

@testable import Pprof

/// Differences and scaling, against `go tool pprof -base`, `-diff_base` and `-normalize`.
struct ProfileDifferenceTests {
    struct Pair: CustomTestStringConvertible {
        let profile: Corpus
        let base: Corpus
        var testDescription: String { "\(profile.testDescription) minus \(base.testDescription)" }
    }

    static let pairs = [
        Pair(profile: .real(.cpu), base: .real(.cpuLarge)), Pair(profile: .real(.cpuLabels), base: .real(.cpu)),
        Pair(profile: .real(.heap), base: .real(.heap)), Pair(profile: .shape(.recursion), base: .shape(.bare)),
        Pair(profile: .shape(.java), base: .shape(.java)), Pair(profile: .shape(.labels), base: .shape(.recursion)),
        Pair(profile: .shape(.rust), base: .shape(.unsymbolized)),
    ]

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: pairs, [false, true])
    func agreesWithGoToolPprof(_ pair: Pair, _ normalize: Bool) async throws {
        let (profile, base) = try (pair.profile.bytes(), pair.base.bytes())
        for (option, labelsBase) in [("-diff_base", true), ("-base", false)] {
            var options = DifferenceOptions()
            options.normalize = normalize
            options.labelsBase = labelsBase
            let decoder = ProfileDecoder()
            let ours = try decoder.decode(profile).subtracting(decoder.decode(base), options)
            let theirs = try await goListing(normalize ? ["-normalize"] : [], profile, base: (option, base))
            #expect(try await goListing([], ours.gzipped()) == theirs, "\(option)")
        }
    }

    @Test func baseSamplesAreLabelledAndNegative() throws {
        let base = try Corpus.shape(.labels).profile()
        let difference = try Corpus.shape(.rust).profile().subtracting(base)
        let totals = difference.facts.sampleTypes.map(\.total)
        #expect(totals == [6 - 127, 60_000_000 - 1270])
        for row in 0..<difference.samples.count {
            let isBase = difference.samples.labels(of: row).contains { difference.strings[$0.key] == "pprof::base" }
            #expect(isBase == difference.samples.values(of: row).allSatisfy { $0 < 0 })
        }
    }

    @Test func otherTypesAreRefused() throws {
        #expect(throws: PprofError(.incompatible, "")) {
            _ = try Corpus.real(.cpu).profile().subtracting(Corpus.real(.heap).profile())
        }
    }

    @Test func scalingRoundsAndDropsWhatBecomesZero() throws {
        let profile = try Corpus.shape(.cpp).profile()
        #expect(
            try profile.scaled(by: [0.5, 1]).samples.values == [
                4, 70_000_000, 1, 20_000_000, 1, 10_000_000, 1, 10_000_000,
            ])
        #expect(try profile.scaled(by: [0, 0]).samples.count == 0)
        #expect(try profile.scaled(by: [.infinity, .nan]).samples.values.allSatisfy { $0 == .max || $0 == 0 })
        #expect(throws: PprofError(.valueCountMismatch, "")) { _ = try profile.scaled(by: [1]) }
    }
}
