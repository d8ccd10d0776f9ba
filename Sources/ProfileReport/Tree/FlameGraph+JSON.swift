internal import Pprof

extension FlameGraph {
    /// Nested objects with `name`, `value`, `self` and `children`, as d3-flame-graph reads them; what was cut away is a child
    /// with `cut`, the number of frames. In a difference `value` is the width and `delta` what is more or less.
    ///
    /// - Throws: `tooLarge`.
    public func json() throws(ReportError) -> String {
        var json = JSONText()
        var open = 0
        for box in boxes {
            while open > box.depth {
                json.close("]")
                json.close("}")
                open -= 1
            }
            json.open("{")
            json.member("name", boxName(box))
            json.member("value", box.mass)
            if box.flat != 0 { json.member("self", box.flat) }
            if isDifference { json.member("delta", box.cum) }
            if box.cutCount > 0 { json.member("cut", Int64(box.cutCount)) }
            if open == 0 {
                json.member("sampleType", valueType.type)
                json.member("unit", valueType.unit)
                json.member("total", total)
            }
            json.beginMember("children")
            json.open("[")
            open = box.depth + 1
        }
        while open > 0 {
            json.close("]")
            json.close("}")
            open -= 1
        }
        return try checked(json.text)
    }

    /// What stands on a box.
    func boxName(_ box: Box) -> String {
        if let name = box.name { return names[name] }
        return box.cutCount == 0 ? "all" : "(\(box.cutCount) more frames)"
    }
}
