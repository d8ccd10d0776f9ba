import TestSupport
import Testing

@testable import Pprof

struct ProfileBuilderTests {
    private func sample() -> ProfileBuilder {
        var builder = ProfileBuilder()
        builder.addSampleType("inuse_objects", unit: "count")
        builder.addSampleType("inuse_space", unit: "bytes")
        builder.timeNanos = 1_763_712_005_499_312_000
        builder.durationNanos = 2_000_000_000
        builder.periodType = ValueType(type: "space", unit: "bytes")
        builder.period = 524_288
        builder.defaultSampleType = "inuse_space"
        builder.comments = ["one", "two"]
        builder.dropFrames = "runtime\\..*"
        builder.keepFrames = "main\\..*"
        builder.docURL = "https://example.com/doc"
        let mapping = builder.mapping(
            start: 0x400000, limit: 0x500000, fileOffset: 16, filename: "/bin/app", buildID: "abc",
            resolution: [.functions, .inlineFrames])
        let inner = builder.function("main.inner", systemName: "_main.inner", filename: "main.go", startLine: 3)
        let outer = builder.function("main.outer", filename: "main.go")
        let leaf = builder.location(
            address: 0x401000, mapping: mapping,
            lines: [.init(function: inner, line: 4, column: 2), .init(function: outer, line: 9)], isFolded: true)
        let root = builder.location(address: 0x402000, lines: [.init(function: outer, line: -1)])
        builder.addSample(
            stack: [leaf, root], values: [1, -64], labels: [.text("pool", "blue"), .number("bytes", 64, unit: "bytes")])
        builder.addSample(stack: [], values: [0, .min])
        return builder
    }

    @Test func whatWasBuiltIsDecoded() throws {
        let profile = try ProfileDecoder().decode(sample().gzipped())
        let strings = profile.strings
        #expect(
            profile.facts
                == ProfileFacts(
                    sampleCount: 2, durationNanos: 2_000_000_000, timeNanos: 1_763_712_005_499_312_000, period: 524_288,
                    periodType: ValueType(type: "space", unit: "bytes"),
                    sampleTypes: [
                        SampleTypeTotal(valueType: ValueType(type: "inuse_objects", unit: "count"), total: 1),
                        SampleTypeTotal(valueType: ValueType(type: "inuse_space", unit: "bytes"), total: .min),
                    ],
                    defaultSampleType: "inuse_space", unpackedBytes: sample().encoded().count, isGzipped: true))
        #expect(profile.facts.shownSampleType?.valueType.type == "inuse_space")
        #expect(profile.header.comments.map { strings[$0] } == ["one", "two"])
        #expect(
            [profile.header.dropFrames, profile.header.keepFrames, profile.header.docURL].map { strings[$0] }
                == ["runtime\\..*", "main\\..*", "https://example.com/doc"])
        #expect(profile.samples.stack(of: 0).map(\.rawValue) == [0, 1])
        #expect(profile.samples.stack(of: 1).isEmpty)
        #expect(Array(profile.samples.values(of: 0)) == [1, -64])
        let labels = Array(profile.samples.labels(of: 0))
        #expect(labels.map { strings[$0.key] } == ["pool", "bytes"])
        #expect(labels.map(\.isNumeric) == [false, true])
        #expect(labels.map(\.number) == [0, 64])
        #expect(labels.map { strings[$0.text] + strings[$0.unit] } == ["blue", "bytes"])
    }

    @Test func symbolsAreDecoded() throws {
        let profile = try ProfileDecoder().decode(sample().encoded())
        let mapping = try #require(profile.mappings[profile.locations.mappings[0]])
        #expect(mapping.memoryStart == 0x400000 && mapping.memoryLimit == 0x500000 && mapping.fileOffset == 16)
        #expect([mapping.filename, mapping.buildID].map { profile.strings[$0] } == ["/bin/app", "abc"])
        #expect(mapping.resolution == [.functions, .inlineFrames])
        #expect(profile.locations.mappings[1] == .none)
        #expect(profile.locations.isFolded == [true, false])
        #expect(profile.locations.addresses == [0x401000, 0x402000])
        #expect(profile.locations.lines.map(\.line) == [4, 9, -1])
        #expect(profile.locations.lines.map(\.column) == [2, 0, 0])
        #expect(profile.locations.lines.map(\.function.rawValue) == [0, 1, 1])
        #expect(profile.functions.names.map { profile.strings[$0] } == ["main.inner", "main.outer"])
        #expect(profile.functions.systemNames.map { profile.strings[$0] } == ["_main.inner", "main.outer"])
        #expect(profile.functions.startLines == [3, 0])
    }

    @Test func theSameCallsGiveTheSameBytes() {
        #expect(sample().encoded() == sample().encoded())
    }

    @Test func equalPartsAreWrittenOnce() throws {
        var builder = sample()
        let function = builder.function("main.outer", filename: "main.go")
        let location = builder.location(address: 0x402000, lines: [.init(function: function, line: -1)])
        #expect(function.rawValue == 1 && location.rawValue == 1)
        #expect(builder.encoded() == sample().encoded())
    }

    @Test func namesThatDifferOnlyInNormalizationStayApart() throws {
        var builder = ProfileBuilder()
        #expect(builder.string("caf\u{e9}") != builder.string("cafe\u{301}"))
    }

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"))
    func goReadsIt() async throws {
        let directory = try TemporaryDirectory("builder")
        defer { directory.remove() }
        let path = directory.path("built.pb.gz")
        try writeFile(path, sample().gzipped())
        let text = try await goToolPprof("-raw", path)
        #expect(text.contains("inuse_objects/count inuse_space/bytes[dflt]"))
        #expect(text.contains("pool:[blue]"))
        #expect(text.contains("bytes:[64 bytes]"))
        #expect(text.contains("main.inner main.go:4:2 s=3"))
    }
}
