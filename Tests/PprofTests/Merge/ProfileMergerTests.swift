import TestSupport
import Testing

@testable import Pprof

/// Sums of profiles, against google/pprof's and against arithmetic.
struct ProfileMergerTests {
    /// Fixtures and shapes with the sample types of `cpu`.
    static let cpuProfiles: [Corpus] =
        [.real(.cpu), .real(.cpuLabels), .real(.cpuLarge)]
        + [.cpp, .rust, .unsymbolized, .recursion, .labels, .bare, .negative, .hostile].map { .shape($0) }

    /// Of `cpuProfiles` those with mappings, and those without: to a profile without one `go tool pprof` adds one before it merges.
    static let mapped = Array(cpuProfiles[..<6])
    static let unmapped = Array(cpuProfiles[6...])

    static let mergeable: [[Corpus]] = [
        mapped, mapped.reversed(), unmapped, unmapped.reversed(), [.real(.heap), .real(.heap)],
        [.real(.mutex), .real(.mutex)],
        [.real(.goroutine), .real(.goroutine)], [.shape(.java), .shape(.java)], [.shape(.node), .shape(.node)],
        [.shape(.bare), .shape(.bare)], [.shape(.empty), .shape(.empty)],
    ]

    static func merge(_ profiles: [ValidatedProfile]) throws -> ValidatedProfile {
        var merger = ProfileMerger()
        for profile in profiles { try merger.add(profile) }
        return try merger.finish()
    }

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: mergeable)
    func agreesWithGoToolPprof(_ corpora: [Corpus]) async throws {
        // drop_frames would make pprof drop frames while it reads, before or after the merge.
        let inputs = try corpora.map { try $0.profile().with { $0.header.dropFrames = .empty } }
        let merged = try Self.merge(inputs)
        let theirs = try await goListing([], inputs.map { try $0.gzipped() })
        let ours = try await goListing([], merged.gzipped())
        #expect(ours == theirs)
    }

    @Test(arguments: mergeable)
    func theSumOfTheSamplesStays(_ corpora: [Corpus]) throws {
        let inputs = try corpora.map { try $0.profile() }
        let merged = try Self.merge(inputs)
        var expected: [String: [Int64]] = [:]
        for input in inputs { expected.merge(input.sums()) { zip($0, $1).map(&+) } }
        #expect(merged.sums() == expected.filter { $0.value.contains { $0 != 0 } })
        #expect(Set(merged.sums().keys).count == merged.samples.count)
        #expect(try ProfileDecoder().decode(merged.encoded()).hasSameColumns(as: merged))
    }

    @Test func mergingIsAssociative() throws {
        let parts = try Self.cpuProfiles.map { try $0.profile() }
        let all = try Self.merge(parts)
        for cut in 1..<parts.count {
            let left = try Self.merge(Array(parts[..<cut]))
            let right = try Self.merge(Array(parts[cut...]))
            let both = try Self.merge([left, right])
            #expect(both.sums() == all.sums(), "cut at \(cut)")
            #expect(both.facts.durationNanos == all.facts.durationNanos)
            #expect(both.facts.timeNanos == all.facts.timeNanos)
            #expect(both.facts.period == all.facts.period)
        }
    }

    @Test func theOrderDoesNotMatter() throws {
        let parts = try Self.cpuProfiles.map { try $0.profile() }
        #expect(try Self.merge(parts).sums() == Self.merge(parts.reversed()).sums())
    }

    @Test func headersAreJoinedByTheRules() throws {
        var first = ProfileBuilder()
        first.addSampleType("a", unit: "count")
        first.period = 5
        first.durationNanos = .max
        first.comments = ["one", "two"]
        first.dropFrames = "drop"
        var second = ProfileBuilder()
        second.addSampleType("a", unit: "count")
        second.timeNanos = 20
        second.period = 7
        second.durationNanos = 10
        second.comments = ["two", "three"]
        second.docURL = "https://example.com"
        second.defaultSampleType = "a"
        second.dropFrames = "other"
        var third = second
        third.timeNanos = 10
        third.period = 6
        let decoder = ProfileDecoder()
        let merged = try Self.merge([
            decoder.decode(first.encoded()), decoder.decode(second.encoded()), decoder.decode(third.encoded()),
        ])
        #expect(merged.header.timeNanos == 10)
        #expect(merged.header.durationNanos == .max)
        #expect(merged.header.period == 7)
        #expect(merged.header.comments.map { merged.strings[$0] } == ["one", "two", "three"])
        #expect(merged.strings[merged.header.docURL] == "https://example.com")
        #expect(merged.strings[merged.header.defaultSampleType] == "a")
        #expect(merged.strings[merged.header.dropFrames] == "drop")
    }

    @Test func mappingsOfOneBinaryAtOtherAddressesAreOne() throws {
        func profile(at start: UInt64, limit: UInt64) throws -> ValidatedProfile {
            var builder = ProfileBuilder()
            builder.addSampleType("cpu", unit: "count")
            let mapping = builder.mapping(start: start, limit: limit, filename: "/bin/a", buildID: "id")
            builder.addSample(stack: [builder.location(address: start + 0x10, mapping: mapping)], values: [1])
            return try ProfileDecoder().decode(builder.encoded())
        }
        let merged = try Self.merge([
            profile(at: 0x1000, limit: 0x3000), profile(at: 0x7000, limit: 0x8fff), profile(at: 0x7000, limit: 0xa000),
        ])
        #expect(merged.mappings.rows.map(\.memoryStart) == [0x1000, 0x7000])
        #expect(merged.locations.addresses == [0x1010, 0x7010])
        #expect(merged.samples.values == [2, 1])
    }

    @Test func whatBecomesZeroLeavesWithItsFunctions() throws {
        let profile = try Corpus.shape(.cpp).profile()
        let nothing = try profile.subtracting(profile, unlabelled)
        #expect(nothing.samples.count == 0)
        #expect(nothing.functions.count == 0)
        #expect(nothing.locations.count == 0)
        #expect(nothing.mappings.count == 1)
    }

    private var unlabelled: DifferenceOptions {
        var options = DifferenceOptions()
        options.labelsBase = false
        return options
    }

    @Test func otherSampleTypesAreRefusedAndTheSumStays() throws {
        var merger = ProfileMerger()
        try merger.add(Corpus.real(.cpu).profile())
        for other in [Corpus.real(.heap), .real(.goroutine), .shape(.java)] {
            #expect(throws: PprofError(.incompatible, "")) { try merger.add(other.profile()) }
        }
        #expect(merger.count == 1)
        #expect(try merger.finish().sums() == Corpus.real(.cpu).profile().sums())
        #expect(throws: PprofError(.nothingToMerge, "")) { _ = try ProfileMerger().finish() }
    }

    @Test func theErrorNamesTheTypes() throws {
        var merger = ProfileMerger()
        try merger.add(Corpus.shape(.node).profile())
        do {
            try merger.add(Corpus.shape(.java).profile())
        } catch let error as PprofError {
            #expect(error.message == "the profiles have different period types: wall/microseconds and /")
        }
    }

    @Test func theLimitsHold() throws {
        var limits = MergeLimits()
        limits.samples = 100
        var few = ProfileMerger(limits: limits)
        #expect(throws: PprofError(.limitExceeded, "")) { try few.add(Corpus.real(.cpuLarge).profile()) }
        limits = MergeLimits()
        limits.bytes = 20_000
        var small = ProfileMerger(limits: limits)
        #expect(throws: PprofError(.limitExceeded, "")) { try small.add(Corpus.real(.cpuLarge).profile()) }
    }
}

extension ValidatedProfile {
    /// Values by the text of stack and labels: what a merge must keep. Addresses count from their mapping's start.
    func sums() -> [String: [Int64]] {
        var sums: [String: [Int64]] = [:]
        for row in 0..<samples.count {
            let stack = samples.stack(of: row).map(text)
            let labels = samples.labels(of: row).filter { !$0.text.isEmpty || $0.number != 0 || !$0.unit.isEmpty }
            let byKey = Dictionary(grouping: labels) { "\(strings[$0.key])/\($0.isNumeric)" }
            let tags = byKey.mapValues { $0.map { "\(strings[$0.text])/\($0.number)/\(strings[$0.unit])" } }
            let key = "\(stack)\(tags.sorted { $0.key < $1.key })"
            sums[key] = zip(sums[key] ?? [Int64](repeating: 0, count: sampleTypes.count), samples.values(of: row)).map(
                &+)
        }
        return sums
    }

    private func text(_ location: LocationIndex) -> String {
        let row = Int(location.rawValue)
        let mapping = mappings[locations.mappings[row]]
        let lines = locations.lines(of: location).map { line in
            let function = Int(line.function.rawValue)
            return
                "\(strings[functions.names[function]])|\(strings[functions.filenames[function]])|\(functions.startLines[function])|\(line.line)|\(line.column)"
        }
        return
            "\(mapping.map { strings[$0.filename] } ?? "")+\(locations.addresses[row] &- (mapping?.memoryStart ?? 0))\(lines)"
    }
}
