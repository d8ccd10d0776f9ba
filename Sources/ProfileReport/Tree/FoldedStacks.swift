public import Pprof

/// Stacks as lines `root;caller;callee value`, which flamegraph.pl, inferno and speedscope read. Nothing is cut away.
public struct FoldedStacks: Sendable {
    /// The lines; stacks that share their roots stand together.
    public let text: String

    /// - Throws: `unknownSampleIndex`; `badFilter` where a regular expression takes too long; `tooLarge`.
    public init(_ profile: ValidatedProfile, _ options: ReportOptions = ReportOptions()) throws(ReportError) {
        let source = try ReportSource(profile, options)
        let tree = try CallTree(source)
        let names = source.frames.printableNames().map(Self.plain)
        var text = ""
        for (row, node) in tree.nodes.enumerated() where node.flat != 0 {
            var path: [Int] = []
            var place = row
            while place > 0 {
                path.append(Int(tree.nodes[place].frame))
                place = Int(tree.nodes[place].parent)
            }
            text += path.reversed().map { names[$0] }.joined(separator: ";")
            text += " \(node.flat)\n"
            guard text.utf8.count <= options.maxBytes else {
                throw ReportError(.tooLarge, "the stacks have more than \(options.maxBytes) bytes, which is the limit")
            }
        }
        self.text = text
    }

    /// Without the characters that part frames and lines.
    private static func plain(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { scalar in
                    scalar == ";"
                        ? ":"
                        : scalar.value < 0x20 || scalar == "\u{7f}" || scalar == "\u{85}" || scalar == "\u{2028}"
                            ? " " : scalar
                }))
    }
}
