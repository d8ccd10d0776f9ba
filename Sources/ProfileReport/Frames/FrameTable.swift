internal import Pprof

/// The frames of a profile at one granularity: each once, and which of them each location stands for.
struct FrameTable: Sendable {
    private(set) var frames: [Frame] = []
    private(set) var texts = FrameTexts()
    /// Where the first function of each frame is, for people: file and first line.
    private(set) var places: [FramePlace] = []
    /// Frames of all locations, of each the innermost first.
    private(set) var locationFrames: [UInt32] = []
    /// Where each location's frames begin in `locationFrames`; one entry more than locations.
    private(set) var locationStarts: [UInt32] = [0]

    private var rows: [Frame: Int] = [:]

    var count: Int { frames.count }

    /// Every location has a frame, also the one of which nothing is known.
    init(_ profile: ValidatedProfile, _ granularity: Granularity) {
        var names = [TextID?](repeating: nil, count: profile.strings.count)
        var paths = [TextID?](repeating: nil, count: profile.strings.count)
        for row in 0..<profile.locations.count {
            let mapping = profile.mappings[profile.locations.mappings[row]]
            let address = granularity == .addresses ? profile.locations.addresses[row] : 0
            let begin = Int(profile.locations.lineStarts[row])
            let end = Int(profile.locations.lineStarts[row + 1])
            for line in profile.locations.lines[begin..<end] {
                let function = Int(line.function.rawValue)
                var frame = Frame(address: address)
                if granularity != .files { frame.name = text(profile.functions.names[function], profile, &names) }
                let file = path(profile.functions.filenames[function], profile, &paths)
                if granularity != .functions { frame.file = file }
                if granularity == .lines || granularity == .addresses { frame.line = line.line }
                if granularity == .addresses { frame.column = line.column }
                if frame.name == .empty {
                    frame.binary = mapping.map { text($0.filename, profile, &names) } ?? .empty
                    frame.startLine = profile.functions.startLines[function]
                }
                append(frame, FramePlace(file: file, line: profile.functions.startLines[function]))
            }
            if begin == end {
                let binary = mapping.map { text($0.filename, profile, &names) } ?? .empty
                append(Frame(address: address, binary: binary), FramePlace(file: .empty, line: 0))
            }
            locationStarts.append(UInt32(truncatingIfNeeded: locationFrames.count))
        }
    }

    private mutating func append(_ frame: Frame, _ place: FramePlace) {
        if let row = rows[frame] {
            locationFrames.append(UInt32(truncatingIfNeeded: row))
        } else {
            rows[frame] = frames.count
            locationFrames.append(UInt32(truncatingIfNeeded: frames.count))
            frames.append(frame)
            places.append(place)
        }
    }

    private mutating func text(_ index: StringIndex, _ profile: ValidatedProfile, _ known: inout [TextID?]) -> TextID {
        if let id = known[Int(index.rawValue)] { return id }
        let id = texts.id(profile.strings.bytes(index))
        known[Int(index.rawValue)] = id
        return id
    }

    private mutating func path(_ index: StringIndex, _ profile: ValidatedProfile, _ known: inout [TextID?]) -> TextID {
        if let id = known[Int(index.rawValue)] { return id }
        let id = index.isEmpty ? .empty : texts.id(SourcePath.clean(profile.strings[index]).utf8)
        known[Int(index.rawValue)] = id
        return id
    }
}

/// Where a function is.
struct FramePlace: Sendable {
    let file: TextID
    /// Its first line; 0 if unknown.
    let line: Int64
}
