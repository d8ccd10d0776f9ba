/// The part of a flame graph that is seen without its script: one path for each colour, and names where there is room.
struct StillPicture {
    static let width = 1200
    private static let rowHeight = 18
    private static let top = 64
    private static let padding = 8.0
    /// Narrower boxes are left out, in pixels.
    private static let narrowest = 0.5
    private static let characterWidth = 7.3

    private(set) var text = ""
    private(set) var height = 0

    init(_ graph: FlameGraph) {
        var paths: [String: String] = [:]
        var labels = ""
        var lowest = 0
        let full = Double(Self.width) - 2 * Self.padding
        let scale = graph.boxes[0].mass > 0 ? full / Double(graph.boxes[0].mass) : 0
        // Where the next box of each depth begins.
        var cursors = [0.0]
        for box in graph.boxes {
            let left = cursors[box.depth]
            let width = graph.boxes[0].mass > 0 ? Double(box.mass) * scale : full
            cursors[box.depth] = left + width
            if cursors.count == box.depth + 1 { cursors.append(left) } else { cursors[box.depth + 1] = left }
            guard width >= Self.narrowest else { continue }
            lowest = max(lowest, box.depth)
            let top = Self.top + box.depth * Self.rowHeight
            let (x, w) = (Self.tenths(left + Self.padding), Self.tenths(width))
            paths[graph.colorClass(box), default: ""] += "M\(x) \(top)h\(w)v\(Self.rowHeight - 1)h-\(w)z"
            let room = Int((width - 6) / Self.characterWidth)
            if room >= 3 {
                let name = graph.boxName(box)
                let shown = name.unicodeScalars.count <= room ? name[...] : name.prefix(room - 1) + "…"
                labels +=
                    "<text x=\"\(Self.tenths(left + Self.padding + 4))\" y=\"\(top + 13)\">\(XMLText.escape(shown))</text>"
            }
        }
        height = Self.top + (lowest + 1) * Self.rowHeight + 68
        text = "<g id=\"static\">"
        for (className, path) in paths.sorted(by: { $0.key < $1.key }) {
            text += "<path class=\"\(className)\" fill=\"\(FlameColor.fallback(className))\" d=\"\(path)\"/>"
        }
        text += labels + "</g>\n"
    }

    /// One digit behind the point, none if it is 0.
    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
