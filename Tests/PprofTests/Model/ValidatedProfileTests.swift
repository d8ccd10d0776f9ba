import Foundation
import TestSupport
import Testing

@testable import Pprof

/// What the decoder makes of real profiles, against what `go tool pprof -raw` says of the same bytes.
struct ValidatedProfileTests {
    @Test(arguments: Fixture.allCases)
    func agreesWithTheGoldenListing(_ fixture: Fixture) throws {
        let text = String(decoding: try Gzip.inflate(fixture.goldenListing(), limit: 16 << 20), as: UTF8.self)
        try compare(fixture, RawListing(text))
    }

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: Fixture.allCases)
    func agreesWithGoToolPprof(_ fixture: Fixture) async throws {
        try compare(fixture, RawListing(await goToolPprof("-raw", fixture.url.path)))
    }

    private func compare(_ fixture: Fixture, _ listing: RawListing) throws {
        let profile = try ProfileDecoder().decode(fixture.bytes())
        let facts = profile.facts
        #expect(
            facts.sampleTypes.map { "\($0.valueType.type)/\($0.valueType.unit)" }
                == listing.sampleTypes.map { $0.replacing("[dflt]", with: "") })
        #expect(facts.sampleTypes.map(\.total) == listing.totals)
        #expect(facts.sampleCount >= listing.samples.count)
        #expect(facts.periodType.map { "\($0.type) \($0.unit)" } == listing.header["PeriodType"])
        #expect(facts.period == listing.header["Period"].flatMap { Int64($0) } ?? 0)
        #expect(facts.timeNanos / 1_000_000_000 == listing.header["Time"].map(seconds) ?? 0)
        #expect(profile.mappings.count == listing.mappingCount)
        #expect(
            facts.defaultSampleType.map { name in
                listing.sampleTypes.contains { $0.hasPrefix(name) && $0.hasSuffix("[dflt]") }
            } != false)
        #expect(samples(of: profile) == listing.samples)
    }

    /// `2026-11-22 17:02:52.288651445 +0000 UTC` as seconds since 1970.
    private func seconds(_ text: String) -> Int64 {
        let date = try? Date("\(text.prefix(10))T\(text.dropFirst(11).prefix(8))Z", strategy: .iso8601)
        return Int64(date?.timeIntervalSince1970 ?? -1)
    }

    /// The samples as `RawListing` has them.
    private func samples(of profile: ValidatedProfile) -> [String: [Int64]] {
        var samples: [String: [Int64]] = [:]
        for row in 0..<profile.samples.count {
            let labels = profile.samples.labels(of: row).map { label in
                let value = label.isNumeric ? "\(label.number)" : profile.strings[label.text]
                return "\(profile.strings[label.key]):[\(value)]"
            }
            let stack = profile.samples.stack(of: row).map { text(of: $0, profile) }
            let key = labels.sorted().joined(separator: ",") + "\n" + stack.joined()
            let sum = samples[key] ?? [Int64](repeating: 0, count: profile.sampleTypes.count)
            samples[key] = zip(sum, profile.samples.values(of: row)).map { $0 + $1 }
        }
        return samples
    }

    private func text(of location: LocationIndex, _ profile: ValidatedProfile) -> String {
        let row = Int(location.rawValue)
        var head = "0x" + String(profile.locations.addresses[row], radix: 16)
        if let mapping = profile.mappings[profile.locations.mappings[row]] { head += " M=\(mapping.id)" }
        let lines = profile.locations.lines(of: location).map { line in
            let function = Int(line.function.rawValue)
            let name = profile.strings[profile.functions.names[function]]
            let file = profile.strings[profile.functions.filenames[function]]
            let words = [name, "\(file):\(line.line):\(line.column)", "s=\(profile.functions.startLines[function])"]
            return words.filter { !$0.isEmpty }.joined(separator: " ") + "\n"
        }
        return lines.isEmpty ? head + "\n" : head + " " + lines.joined()
    }

    @Test func totalsSaturateWhereTheyDontFit() throws {
        let bytes = SmallProfile.with { profile in
            profile.sampleTypes += profile.sampleTypes + profile.sampleTypes
            let high = UInt64(Int64.max)
            let low = UInt64(bitPattern: .min)
            profile.samples = [
                .message(2, [.packed(2, [high, low, high])]), .message(2, [.packed(2, [high, low, high])]),
                .message(2, [.packed(2, [1, 0, low])]),
            ]
        }
        let totals = try ProfileDecoder().facts(of: bytes).sampleTypes.map(\.total)
        #expect(totals == [.max, .min, Int64.max - 1])
    }
}

/// What `go tool pprof` prints of itself, with times in UTC; a ``Trouble`` if it doesn't end with 0.
func goToolPprof(_ arguments: String...) async throws -> String { try await goToolPprof(arguments) }

/// The same with the arguments in an array.
func goToolPprof(_ arguments: [String]) async throws -> String {
    try await GoPprof.text(arguments)
}
