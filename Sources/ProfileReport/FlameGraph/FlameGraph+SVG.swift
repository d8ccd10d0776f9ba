internal import Pprof

extension FlameGraph {
    /// The flame graph as one SVG without any outside reference: roots on top, width by value, colour by package, in a difference
    /// red for more and blue for less. A viewer that runs no scripts shows it still.
    ///
    /// Names come as data that the script only ever sets as text, or escaped; so no name is markup or code.
    /// - Parameter title: stands above it.
    /// - Throws: `tooLarge`.
    public func svg(title: String) throws(ReportError) -> String {
        let picture = StillPicture(self)
        var svg = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(StillPicture.width)" height="\(picture.height)" \
            viewBox="0 0 \(StillPicture.width) \(picture.height)" role="application" aria-label="Flame graph: \(XMLText.escape(title))">
            <title>\(XMLText.escape(title))</title>
            <style>\(FlameStyle.text)</style>
            <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M0 6L6 0"/></pattern></defs>
            <rect id="bg" width="100%" height="100%" fill="#fff"/>
            <text id="title" x="8" y="20">\(XMLText.escape(title))</text>
            <text id="details" class="dim" x="8" y="54">\(XMLText.escape(summary))</text>

            """
        svg += picture.text
        svg += """
            <g id="frames" role="tree"></g>
            <g id="tools" style="display:none"><g id="reset" class="button" role="button" tabindex="0" aria-label="Reset zoom">\
            <rect x="8" y="26" width="92" height="16" rx="4"/><text x="16" y="38">Reset zoom</text></g>\
            <foreignObject id="box" x="932" y="6" width="260" height="28"><input xmlns="http://www.w3.org/1999/xhtml" id="search" \
            type="search" placeholder="Search (/)" aria-label="Search functions by regular expression"/></foreignObject>\
            <text id="matched" x="924" y="23" text-anchor="end"></text></g>
            <g id="tip" style="display:none"></g>
            <metadata id="data">\(data)</metadata>
            <script><![CDATA[
            \(FlameScript.text)
            ]]></script>
            </svg>

            """
        return try checked(svg)
    }

    private var summary: String {
        let width = isDifference ? "width: before and after together; red: more, blue: less. " : ""
        return width + header.joined(separator: " · ")
    }

    /// What the script draws from; numbers divided by what divides them all.
    private var data: String {
        let divisor = commonDivisor
        var numbers: [Int: Int] = [:]
        var used: [Int] = []
        for case let name? in boxes.map(\.name) where numbers[name] == nil {
            numbers[name] = used.count
            used.append(name)
        }
        var json = JSONText()
        json.object { json in
            writeUnits(&json)
            json.member("diff", isDifference)
            json.member("total", total)
            json.member("scale", divisor)
            json.member("names") { json in json.array(used) { json, name in json.value(names[name]) } }
            json.member("files") { json in json.array(used) { json, name in json.value(files[name]) } }
            json.member("classes") { json in
                if isDifference {
                    json.array(boxes) { json, box in json.value(colorClass(box)) }
                } else {
                    json.array(used) { json, name in json.value(FlameColor.className(package: packages[name])) }
                }
            }
            json.member("boxes") { json in
                json.open("[")
                for box in boxes {
                    json.value(Int64(box.depth))
                    json.value(Int64(box.name.flatMap { numbers[$0] } ?? (box.cutCount > 0 ? -2 : -1)))
                    json.value(box.mass / divisor)
                    json.value(box.cutCount > 0 ? Int64(box.cutCount) : box.flat / divisor)
                    if isDifference { json.value(box.cum / divisor) }
                }
                json.close("]")
            }
        }
        return json.text
    }

    private func writeUnits(_ json: inout JSONText) {
        let kind = MeasurementKind.all.first { $0.unit(valueType.unit) != nil }
        // Factors below 1 are GCU's; the largest is exact in a double.
        func pair(_ unit: MeasurementUnit, _ json: inout JSONText) {
            json.open("[")
            json.value(unit.name)
            json.number(unit.factor)
            json.close("]")
        }
        json.member("units") { json in json.array(kind?.units ?? []) { json, unit in pair(unit, &json) } }
        json.member("fallback") { json in pair(kind?.fallback ?? MeasurementUnit("", [], 1), &json) }
        json.beginMember("factor")
        json.number(kind?.unit(valueType.unit)?.factor ?? 1)
        json.member(
            "plain", kind == nil && !["count", "sample", "unit"].contains(valueType.unit) ? valueType.unit : "")
    }

    private var commonDivisor: Int64 {
        var divisor: UInt64 = 0
        for box in boxes {
            for var value in [box.mass.magnitude, box.cum.magnitude, box.flat.magnitude] where value != 0 {
                while value != 0 { (divisor, value) = (value, divisor % value) }
            }
            if divisor == 1 { return 1 }
        }
        return max(1, Int64(exactly: divisor) ?? 1)
    }

    /// How a box is coloured.
    func colorClass(_ box: Box) -> String {
        if box.cutCount > 0 { return "cut" }
        if isDifference { return FlameColor.className(change: box.cum, of: box.mass) }
        return box.name.map { FlameColor.className(package: packages[$0]) } ?? "n"
    }
}
