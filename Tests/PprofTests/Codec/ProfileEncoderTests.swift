import TestSupport
import Testing

@testable import Pprof

/// What is encoded is what was decoded.
struct ProfileEncoderTests {
    @Test(arguments: Corpus.allCases)
    func decodeEncodeDecodeIsIdentity(_ corpus: Corpus) throws {
        let first = try corpus.profile()
        let encoded = first.encoded()
        let second = try ProfileDecoder().decode(encoded)
        #expect(first.hasSameColumns(as: second))
        #expect(second.encoded() == encoded)
        #expect(try ProfileDecoder().decode(first.gzipped()).encoded() == encoded)
    }

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: Corpus.allCases)
    func goReadsTheSame(_ corpus: Corpus) async throws {
        let bytes = try corpus.bytes()
        let encoded = try ProfileDecoder().decode(bytes).gzipped()
        #expect(try await goListing([], encoded) == (await goListing([], bytes)))
    }

    @Test func contentsAbove127BytesHaveALengthOfTwoBytes() throws {
        var builder = ProfileBuilder()
        builder.addSampleType("cpu", unit: "nanoseconds")
        let locations = (0..<20_000).map { row in
            builder.location(address: UInt64(row), lines: [.init(function: builder.function("f\(row)"))])
        }
        builder.addSample(stack: Array(locations.prefix(8000)), values: [-1])
        let bytes = builder.encoded()
        #expect(try ProfileDecoder().decode(bytes).encoded() == bytes)
    }
}

extension ValidatedProfile {
    /// Whether all columns agree, indexes and ids included.
    func hasSameColumns(as other: ValidatedProfile) -> Bool {
        sampleTypes == other.sampleTypes && header == other.header && mappings.rows == other.mappings.rows
            && samples.values == other.samples.values && samples.stacks == other.samples.stacks
            && samples.stackStarts == other.samples.stackStarts && samples.labels == other.samples.labels
            && samples.labelStarts == other.samples.labelStarts && locations.ids == other.locations.ids
            && locations.lines == other.locations.lines && locations.lineStarts == other.locations.lineStarts
            && locations.addresses == other.locations.addresses && locations.mappings == other.locations.mappings
            && locations.isFolded == other.locations.isFolded && functions.ids == other.functions.ids
            && functions.names == other.functions.names && functions.systemNames == other.functions.systemNames
            && functions.filenames == other.functions.filenames && functions.startLines == other.functions.startLines
            && strings.count == other.strings.count
            && zip(strings.indexes, other.strings.indexes).allSatisfy { strings.bytes($0) == other.strings.bytes($1) }
    }
}
