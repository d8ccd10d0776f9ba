import Pprof
import TestSupport
import Testing

@testable import ProfileReport

/// The graph, against `go tool pprof -dot`.
struct DotGraphTests {
    /// Profiles without labels, whose boxes aren't drawn here.
    static let corpora: [Corpus] = [
        .real("cpu"), .real("cpu-large"), .real("mutex"), .real("block"), .real("threadcreate"), .shape(.cpp),
        .shape(.java), .shape(.rust), .shape(.unsymbolized), .shape(.recursion),
    ]

    @Test(.enabled(if: Tool.go.isPresent, "go is not on PATH"), arguments: corpora)
    func theTextIsThatOfGoToolPprof(_ corpus: Corpus) async throws {
        let ours = try DotGraph(corpus.profile()).text
        let theirs = try await goPprof(["-dot"], corpus.bytes())
        #expect(Self.lines(ours) == Self.lines(theirs))
    }

    /// Numbers of nodes replaced by what they are: among equals the order is free.
    private static func lines(_ text: String) -> Set<String> {
        var names: [Substring: String] = [:]
        let lines = text.split(separator: "\n")
        for line in lines where line.hasPrefix("N") && !line.contains(" -> N") {
            guard let end = line.firstIndex(of: " "), let tooltip = line.firstRange(of: "tooltip=") else { continue }
            names[line[..<end]] = String(line[tooltip.upperBound...].prefix { $0 != "(" })
        }
        return Set(
            lines.map { line in
                line.split(separator: " ", omittingEmptySubsequences: false).map { word in
                    word.hasPrefix("id=") ? "" : names[word] ?? String(word)
                }.joined(separator: " ")
            })
    }

    @Test func namesAreEscaped() throws {
        let text = try DotGraph(Corpus.shape(.hostile).profile()).text
        #expect(text.contains(#"\" onload=\"alert(1)\" x=\""#))
        #expect(
            text.split(separator: "\n").allSatisfy { line in
                line.replacing(#"\\"#, with: "").replacing(#"\""#, with: "").count { $0 == "\"" } % 2 == 0
            })
    }
}
