public import Pprof

/// The profile for speedscope.app (its file-format-schema.json), one sampled profile. Nothing is cut away.
public struct SpeedscopeFile: Sendable {
    /// The JSON text.
    public let text: String

    /// - Throws: `unknownSampleIndex`; `badFilter` where a regular expression takes too long; `tooLarge`; `negativeValues`, for
    ///   speedscope has no weights below 0.
    public init(
        _ profile: ValidatedProfile, _ options: ReportOptions = ReportOptions(), name: String
    ) throws(ReportError) {
        let source = try ReportSource(profile, options)
        let tree = try CallTree(source)
        guard !tree.isDifference else {
            throw ReportError(
                .negativeValues, "speedscope can't show a profile with negative values, as a difference has")
        }
        let leaves = tree.nodes.indices.filter { tree.nodes[$0].flat != 0 }
        var json = JSONText()
        json.object { json in
            json.member("$schema", "https://www.speedscope.app/file-format-schema.json")
            json.member("name", name)
            json.member("exporter", "profefe-apiserver")
            json.member("shared") { json in json.object { Self.writeFrames(source, &$0) } }
            json.beginMember("profiles")
            json.open("[")
            json.object { json in
                json.member("type", "sampled")
                json.member("name", "\(name) \(source.valueType.type)")
                json.member("unit", Self.unit(source.valueType.unit))
                json.member("startValue", 0)
                json.member("endValue", tree.nodes[0].cum)
                json.member("samples") { json in
                    json.array(leaves) { json, leaf in
                        json.array(Self.path(tree, leaf)) { json, frame in json.value(Int64(frame)) }
                    }
                }
                json.member("weights") { json in json.array(leaves) { json, leaf in json.value(tree.nodes[leaf].flat) }
                }
            }
            json.close("]")
        }
        guard json.text.utf8.count <= options.maxBytes else {
            throw ReportError(.tooLarge, "the file has \(json.text.utf8.count) bytes; the limit is \(options.maxBytes)")
        }
        text = json.text
    }

    private static func writeFrames(_ source: ReportSource, _ json: inout JSONText) {
        let names = source.frames.printableNames()
        json.member("frames") { json in
            json.array(names.indices) { json, row in
                json.object { json in
                    json.member("name", names[row])
                    let place = source.frames.places[row]
                    if place.file != .empty { json.member("file", source.frames.texts[place.file]) }
                    if place.line > 0 { json.member("line", place.line) }
                }
            }
        }
    }

    private static func path(_ tree: CallTree, _ leaf: Int) -> [Int] {
        var path: [Int] = []
        var place = leaf
        while place > 0 {
            path.append(Int(tree.nodes[place].frame))
            place = Int(tree.nodes[place].parent)
        }
        return path.reversed()
    }

    /// The units that the schema has.
    private static func unit(_ unit: String) -> String {
        ["nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"].contains(unit) ? unit : "none"
    }
}
