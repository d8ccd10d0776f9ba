internal import Pprof

extension TopReport {
    /// The report as members of a JSON object, without braces: `sampleType`, `total`, `header`, `rows` with numbers and texts.
    public var jsonMembers: String {
        var json = JSONText()
        json.member("sampleType") { json in
            json.object { json in
                json.member("type", valueType.type)
                json.member("unit", valueType.unit)
            }
        }
        json.member("total", total)
        json.member("totalText", text(total))
        json.member("header") { json in json.array(header) { json, line in json.value(line) } }
        json.member("rows") { json in
            var sum: Int64 = 0
            json.array(rows) { json, row in
                sum &+= row.flat
                json.object { json in
                    json.member("name", row.name)
                    if !row.file.isEmpty { json.member("file", row.file) }
                    if row.line != 0 { json.member("line", row.line) }
                    if !row.inlineLabel.isEmpty { json.member("inline", row.inlineLabel) }
                    for (name, value) in [("flat", row.flat), ("sum", sum), ("cum", row.cum)] {
                        json.member(name, value)
                        json.member(name + "Text", text(value))
                        json.member(name + "Percent", percentage(value))
                    }
                }
            }
        }
        return json.text
    }
}
