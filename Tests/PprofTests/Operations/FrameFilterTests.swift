import TestSupport
import Testing

@testable import Pprof

/// Filters, against `go tool pprof`'s options of the same names.
struct FrameFilterTests {
    struct Options: CustomTestStringConvertible {
        var focus: String?
        var ignore: String?
        var hide: String?
        var show: String?

        var arguments: [String] {
            [("focus", focus), ("ignore", ignore), ("hide", hide), ("show", show)].compactMap { name, text in
                text.map { "-\(name)=\($0)" }
            }
        }

        func filter() throws -> FrameFilter {
            FrameFilter(
                focus: try focus.map { try FramePattern($0) }, ignore: try ignore.map { try FramePattern($0) },
                hide: try hide.map { try FramePattern($0) }, show: try show.map { try FramePattern($0) })
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let options = [
        Options(focus: "encoding/json"), Options(focus: "^main\\."), Options(ignore: "runtime"),
        Options(hide: "runtime\\..*"),
        Options(show: "json|main"), Options(focus: "main", ignore: "json", hide: "tree", show: "."),
        Options(hide: "stripped"), Options(show: "libx"), Options(focus: "(?i)WALK|WORKER"), Options(hide: "visit"),
        Options(focus: "nothing at all"), Options(hide: "."), Options(ignore: "\\(anonymous"), Options(show: "\\.go$"),
    ]

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: options)
    func agreesWithGoToolPprof(_ options: Options) async throws {
        for corpus in [
            Corpus.real(.cpu), .real(.heap), .shape(.cpp), .shape(.unsymbolized), .shape(.recursion), .shape(.bare),
        ] {
            let bytes = try corpus.profile().with { $0.header.dropFrames = .empty }.encoded()
            let ours = try ProfileDecoder().decode(bytes).filtered(by: options.filter())
            #expect(
                try await goListing([], ours.encoded()).samples == goListing(options.arguments, bytes).samples,
                "\(corpus.testDescription)")
        }
    }

    @Test func whatIsLeftIsAValidProfile() throws {
        for corpus in Corpus.allCases {
            for options in Self.options {
                let filtered = try corpus.profile().filtered(by: options.filter())
                #expect(try ProfileDecoder().decode(filtered.encoded()).hasSameColumns(as: filtered))
            }
        }
    }

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"))
    func droppedFramesAreThoseOfGo() async throws {
        let bytes = ProfileShape.cpp.bytes
        let pruned = try ProfileDecoder().decode(bytes).withoutDroppedFrames()
        let unpruned = pruned.with { $0.header.dropFrames = .empty }
        #expect(try await goListing([], unpruned.encoded()).samples == goListing([], bytes).samples)
        #expect(pruned.samples.stacks.count < (try Corpus.shape(.cpp).profile().samples.stacks.count))
    }

    @Test(arguments: ["(", "[", "a{2,1}", "*", "(?P<x", "\\"])
    func aBrokenDropPatternDropsNothing(_ pattern: String) throws {
        var builder = ProfileBuilder()
        builder.addSampleType("a", unit: "count")
        builder.dropFrames = pattern
        let locations = ["leaf", "root"].map { builder.location(lines: [.init(function: builder.function($0))]) }
        builder.addSample(stack: locations, values: [1])
        let profile = try ProfileDecoder().decode(builder.encoded())
        #expect(try profile.withoutDroppedFrames().hasSameColumns(as: profile))
    }
}
