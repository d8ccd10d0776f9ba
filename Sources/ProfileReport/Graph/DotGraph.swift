public import Pprof

/// The call graph in Graphviz's language, as `go tool pprof -dot` draws it but for the boxes of labels.
public struct DotGraph: Sendable {
    /// The text.
    public let text: String

    /// Shows at most `options.nodeCount` nodes, 80 if that is 0.
    ///
    /// - Throws: `unknownSampleIndex`; `badFilter` where a regular expression takes too long; `tooLarge`.
    public init(_ profile: ValidatedProfile, _ options: ReportOptions = ReportOptions()) throws(ReportError) {
        var options = options
        if options.nodeCount == 0 { options.nodeCount = 80 }
        let source = try ReportSource(profile, options)
        var writer = DotWriter(source, TrimmedGraph(source, isVisual: true))
        writer.writeAll()
        guard writer.text.utf8.count <= options.maxBytes else {
            throw ReportError(
                .tooLarge, "the graph has \(writer.text.utf8.count) bytes; the limit is \(options.maxBytes)")
        }
        text = writer.text
    }
}

private struct DotWriter {
    var text = ""
    private let source: ReportSource
    private let trimmed: TrimmedGraph
    /// Numbers of shown frames in the picture, from 1.
    private var numbers: [Int]

    init(_ source: ReportSource, _ trimmed: TrimmedGraph) {
        self.source = source
        self.trimmed = trimmed
        numbers = [Int](repeating: 0, count: source.frames.count)
        for (row, node) in trimmed.graph.nodes.enumerated() { numbers[node.frame] = row + 1 }
    }

    mutating func writeAll() {
        let file = source.profile.mappings.rows.first.map { source.profile.strings[$0.filename] } ?? ""
        let title = file.isEmpty ? "" : SourcePath.base(file)
        text += "digraph \"\(Self.escape(title.isEmpty ? "unnamed" : title))\" {\n"
        text += "node [style=filled fillcolor=\"#f8f8f8\"]\n"
        var lines = ReportHeader.lines(source, trimmed, withEdges: true)
        lines.append("\nSee https://git.io/JfYMW for how to read the graph")
        text += "subgraph cluster_L { \"\(Self.escape(lines[0]))\" [shape=box fontsize=16"
        text += " label=\"\(lines.map(Self.escape).joined(separator: "\\l"))\\l\""
        if !title.isEmpty { text += " tooltip=\"\(Self.escape(title))\"" }
        text += "] }\n"
        let largest = trimmed.graph.nodes.map(\.flat.magnitude).max() ?? 0
        for node in trimmed.graph.nodes { write(node, largest) }
        for edge in sortedEdges() { write(edge) }
        text += "}\n"
    }

    private func value(_ value: Int64) -> String {
        Measurement.text(value, unit: source.valueType.unit, in: trimmed.unit)
    }

    private func share(_ value: Int64) -> Substring {
        Measurement.percentage(value, of: source.total).drop { $0 == " " }
    }

    private func score(_ value: Int64) -> Double {
        source.total == 0 ? 0 : Double(value) / Double(source.total.magnitude)
    }

    private mutating func write(_ node: CallGraph.Node, _ largest: UInt64) {
        var label = multilineName(node.frame)
        let flat = value(node.flat)
        label += node.flat != 0 ? "\(flat) (\(share(node.flat)))" : "0"
        var cum = flat
        if node.cum != node.flat {
            cum = value(node.cum)
            label += (node.flat != 0 ? "\\n" : " ") + "of \(cum) (\(share(node.cum)))"
        }
        var size = 8
        if largest != 0, node.flat != 0 {
            size += Int((16 * (Double(node.flat.magnitude) / Double(largest)).squareRoot()).rounded(.up))
        }
        let number = numbers[node.frame]
        text += "N\(number) [label=\"\(label)\" id=\"node\(number)\" fontsize=\(size) shape=box "
        text += "tooltip=\"\(Self.escape(trimmed.names[node.frame])) (\(cum))\" "
        text += "color=\"\(DotColor.text(score(node.cum), isBackground: false))\" "
        text += "fillcolor=\"\(DotColor.text(score(node.cum), isBackground: true))\"]\n"
    }

    /// The name without its package, a line for each part.
    private func multilineName(_ row: Int) -> String {
        let frame = source.frames.frames[row]
        let name = Self.escape(ShortName.of(source.frames.texts[frame.name]))
            .replacingAll("::", "\\n").replacingAll("[...]", "[…]").replacingAll(".", "\\n")
        let file = source.frames.texts[frame.file]
        let parts = source.frames.nameParts(
            frame, name: name, file: file.isEmpty ? "" : Self.escape(SourcePath.base(file)))
        return parts.joined(separator: "\\n") + "\\n"
    }

    private func sortedEdges() -> [CallGraph.Edge] {
        trimmed.graph.edges.filter { numbers[$0.caller] != 0 && numbers[$0.callee] != 0 }.sorted { left, right in
            if left.weight.magnitude != right.weight.magnitude { return left.weight.magnitude > right.weight.magnitude }
            let names = trimmed.names
            if names[left.caller] != names[right.caller] {
                return names[left.caller].utf8.lexicographicallyPrecedes(names[right.caller].utf8)
            }
            return names[left.callee].utf8.lexicographicallyPrecedes(names[right.callee].utf8)
        }
    }

    private mutating func write(_ edge: CallGraph.Edge) {
        let weight = value(edge.weight)
        text +=
            "N\(numbers[edge.caller]) -> N\(numbers[edge.callee]) [label=\" \(weight)\(edge.isInline ? "\\n (inline)" : "")\""
        if source.total != 0 {
            let share = score(edge.weight).magnitude
            let pull = 1 + Int(min(share * 100, 100))
            if pull > 1 { text += " weight=\(pull)" }
            let width = 1 + Int(min(share * 5, 5))
            if width > 1 { text += " penwidth=\(width)" }
            text += " color=\"\(DotColor.text(score(edge.weight), isBackground: false))\""
        }
        let names = [edge.caller, edge.callee].map { Self.escape(trimmed.names[$0]) }
        let tooltip = "\"\(names[0]) \(edge.isResidual ? "..." : "->") \(names[1]) (\(weight))\""
        text += " tooltip=\(tooltip) labeltooltip=\(tooltip)\(edge.isResidual ? " style=\"dotted\"" : "")]\n"
    }

    /// Quotes and backslashes escaped; line ends as Graphviz's left-justified ones.
    static func escape(_ text: String) -> String {
        text.replacingAll("\\", "\\\\").replacingAll("\"", "\\\"").replacingAll("\n", "\\l")
    }
}

extension String {
    /// Every place of `old` replaced, compared by code point.
    fileprivate func replacingAll(_ old: String, _ new: String) -> String {
        let pattern = Array(old.unicodeScalars)
        guard let first = pattern.first, unicodeScalars.contains(first) else { return self }
        var result = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let scalar = rest.first {
            if rest.starts(with: pattern) {
                result.append(contentsOf: new.unicodeScalars)
                rest = rest.dropFirst(pattern.count)
            } else {
                result.append(scalar)
                rest = rest.dropFirst()
            }
        }
        return String(result)
    }
}
