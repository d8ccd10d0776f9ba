public import Pprof

/// The functions (files, lines …) of a profile by value, as `go tool pprof -top` finds them.
public struct TopReport: Sendable {
    /// A place with its values in `valueType`'s unit.
    public struct Row: Sendable, Equatable {
        /// As pprof prints it at this granularity.
        public let name: String
        /// Where the function is, whatever the granularity; empty if unknown.
        public let file: String
        /// The line at granularity lines and addresses, else the function's first; 0 if unknown.
        public let line: Int64
        /// `(inline)` if every call of it was inlined, `(partial-inline)` if some were, else empty.
        public let inlineLabel: String
        /// What it did itself.
        public let flat: Int64
        /// With all that it called.
        public let cum: Int64
    }

    /// What is measured and in which unit.
    public let valueType: ValueType
    /// What percentages are of.
    public let total: Int64
    /// In the order asked for.
    public let rows: [Row]
    /// The lines above the rows.
    public let header: [String]
    /// The unit that texts are in; values are scaled to it.
    let unit: String

    /// - Throws: `unknownSampleIndex`; `badFilter` where a regular expression takes too long.
    public init(_ profile: ValidatedProfile, _ options: ReportOptions = ReportOptions()) throws(ReportError) {
        let source = try ReportSource(profile, options)
        let trimmed = TrimmedGraph(source, isVisual: false)
        valueType = source.valueType
        total = source.total
        unit = trimmed.unit
        header = ReportHeader.lines(source, trimmed, withEdges: false)
        let inlineLabels = Self.inlineLabels(trimmed.graph, source.frames.count)
        rows = trimmed.graph.nodes.map { node in
            let frame = source.frames.frames[node.frame]
            let place = source.frames.places[node.frame]
            return Row(
                name: trimmed.names[node.frame], file: source.frames.texts[place.file],
                line: frame.line != 0 ? frame.line : place.line, inlineLabel: inlineLabels[node.frame],
                flat: node.flat, cum: node.cum)
        }
    }

    private static func inlineLabels(_ graph: CallGraph, _ frameCount: Int) -> [String] {
        var isInlined = [Bool](repeating: false, count: frameCount)
        var isCalled = isInlined
        for edge in graph.edges {
            if edge.isInline { isInlined[edge.callee] = true } else { isCalled[edge.callee] = true }
        }
        return zip(isInlined, isCalled).map { $0 ? ($1 ? "(partial-inline)" : "(inline)") : "" }
    }

    /// A value as people read it, all in one unit.
    public func text(_ value: Int64) -> String { Measurement.text(value, unit: valueType.unit, in: unit) }

    /// A value's share of the total without blanks before it.
    public func percentage(_ value: Int64) -> String {
        String(Measurement.percentage(value, of: total).drop { $0 == " " })
    }

    /// What `go tool pprof -top` prints, byte by byte (with `TZ=UTC`).
    public var text: String {
        var text = header.joined(separator: "\n") + "\n"
        text += "      flat  flat%   sum%        cum   cum%\n"
        var sum: Int64 = 0
        for row in rows {
            sum &+= row.flat
            let shares = [row.flat, sum].map { Measurement.percentage($0, of: total) }
            text += "\(NumberText.pad(self.text(row.flat), 10)) \(shares[0]) \(shares[1]) "
            text +=
                "\(NumberText.pad(self.text(row.cum), 10)) \(Measurement.percentage(row.cum, of: total))  \(row.name)"
            text += row.inlineLabel.isEmpty ? "\n" : " \(row.inlineLabel)\n"
        }
        return text
    }
}
