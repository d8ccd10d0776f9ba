/// A place in the program as a report tells it apart from others (google/pprof `graph.NodeInfo`).
struct Frame: Hashable, Sendable {
    /// Function; `.empty` if the granularity leaves it out or nobody knows.
    var name = TextID.empty
    /// Source file, cleaned.
    var file = TextID.empty
    var line: Int64 = 0
    var column: Int64 = 0
    var address: UInt64 = 0
    /// The mapping's file; only where there is no name.
    var binary = TextID.empty
    /// The function's first line; only where there is no name.
    var startLine: Int64 = 0
}

/// A text of `FrameTexts`.
struct TextID: Hashable, Sendable {
    let row: Int

    static let empty = TextID(row: 0)
}

/// Names and paths, each once.
struct FrameTexts: Sendable {
    private(set) var texts = [""]
    private var rows: [[UInt8]: Int] = [[]: 0]

    subscript(id: TextID) -> String { texts[id.row] }

    mutating func id(_ bytes: some Collection<UInt8>) -> TextID {
        let key = Array(bytes)
        if let row = rows[key] { return TextID(row: row) }
        rows[key] = texts.count
        texts.append(String(decoding: key, as: UTF8.self))
        return TextID(row: texts.count - 1)
    }
}
