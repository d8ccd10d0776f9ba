internal import Pprof

/// The lines above a report (google/pprof `reportLabels`).
enum ReportHeader {
    /// What the profile is: file, build id, comments, type, time, duration.
    static func profileLines(_ source: ReportSource, unit: String) -> [String] {
        let profile = source.profile
        let header = profile.header
        var lines: [String] = []
        if let main = profile.mappings.rows.first {
            let file = profile.strings[main.filename]
            if !file.isEmpty { lines.append("File: \(SourcePath.base(file))") }
            if !main.buildID.isEmpty { lines.append("Build ID: \(profile.strings[main.buildID])") }
        }
        lines += header.comments.map { profile.strings[$0] }.filter { !$0.hasPrefix("#") }
        if !source.valueType.type.isEmpty { lines.append("Type: \(source.valueType.type)") }
        if !header.docURL.isEmpty { lines.append("Doc: \(profile.strings[header.docURL])") }
        if header.timeNanos != 0 { lines.append("Time: \(CivilTime.text(nanos: header.timeNanos))") }
        if header.durationNanos != 0 { lines.append(durationLine(source, unit: unit)) }
        return lines
    }

    private static func durationLine(_ source: ReportSource, unit: String) -> String {
        let duration = source.profile.header.durationNanos
        let total = Measurement.scale(source.total, from: source.valueType.unit, to: "nanoseconds")
        var ratio = ""
        if total.unit == "ns", total.value != 0, let nanos = Int64(exactly: total.value.rounded(.towardZero)) {
            ratio = "(" + Measurement.percentage(nanos, of: duration) + ")"
        }
        let shown = Measurement.text(source.total, unit: source.valueType.unit, in: unit)
        return "Duration: \(Measurement.text(duration, unit: "nanoseconds")), Total samples = \(shown) \(ratio)"
    }

    /// All lines: the profile's, the filters, what is shown of it and what isn't.
    static func lines(_ source: ReportSource, _ trimmed: TrimmedGraph, withEdges: Bool) -> [String] {
        var lines = profileLines(source, unit: trimmed.unit)
        if !source.options.activeFilters.isEmpty {
            lines.append("Active filters:")
            lines += source.options.activeFilters.map { filter in
                filter.utf8.count > 80
                    ? "   \(String(decoding: filter.utf8.prefix(80), as: UTF8.self))…" : "   \(filter)"
            }
        }
        func text(_ value: Int64) -> String {
            Measurement.text(value, unit: source.valueType.unit, in: trimmed.unit)
        }
        let shown = trimmed.graph.flatTotal
        let share = Measurement.percentage(shown, of: source.total).drop { $0 == " " }
        lines.append("Showing nodes accounting for \(text(shown)), \(share) of \(text(source.total)) total")
        guard source.total != 0 else { return lines }
        let dropped = [
            (trimmed.droppedNodes, "node", "cum", source.options.nodeFraction),
            (withEdges ? trimmed.droppedEdges : 0, "edge", "freq", source.options.edgeFraction),
        ]
        for (count, noun, value, fraction) in dropped where count > 0 {
            let limit = text(TrimmedGraph.part(source.total, fraction))
            lines.append("Dropped \(count) \(noun)\(count > 1 ? "s" : "") (\(value) <= \(limit))")
        }
        let count = trimmed.graph.nodes.count
        if count > 0, count < trimmed.originalCount {
            lines.append("Showing top \(count) nodes out of \(trimmed.originalCount)")
        }
        return lines
    }
}
