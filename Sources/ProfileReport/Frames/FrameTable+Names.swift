extension FrameTable {
    /// The parts of a frame's name: address, function, and file with line, or the binary where nothing else is known
    /// (google/pprof `NameComponents`).
    func nameParts(_ frame: Frame, name: String, file: String) -> [String] {
        var parts: [String] = []
        if frame.address != 0 { parts.append(NumberText.hex16(frame.address)) }
        if !name.isEmpty { parts.append(name) }
        if frame.line != 0 {
            parts.append("\(file):\(frame.line)" + (frame.column != 0 ? ":\(frame.column)" : ""))
        } else if !file.isEmpty {
            parts.append(file)
        } else if name.isEmpty {
            parts.append(frame.binary == .empty ? "<unknown>" : "[\(SourcePath.base(texts[frame.binary]))]")
        }
        return parts
    }

    /// The name of a frame in one line.
    func printableName(_ row: Int) -> String {
        let frame = frames[row]
        return nameParts(frame, name: texts[frame.name], file: texts[frame.file]).joined(separator: " ")
    }

    /// The names of all frames.
    func printableNames() -> [String] { frames.indices.map(printableName) }
}
