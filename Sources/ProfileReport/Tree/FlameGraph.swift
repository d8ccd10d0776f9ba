public import Pprof

/// What a flame graph shows: the largest frames of a call tree in drawing order, and what was cut away.
public struct FlameGraph: Sendable {
    /// What is measured and in which unit.
    public let valueType: ValueType
    /// The profile's total before filters, which percentages are of.
    public let total: Int64
    /// Lines about the profile.
    public let header: [String]
    /// Whether negative values make it a difference: then width is what both have together.
    public let isDifference: Bool
    /// Parents before children, children of one parent in the order of their names; the first is the root of all.
    let boxes: [Box]
    /// The names of the boxes, each once.
    let names: [String]
    /// The package of each name, by which it is coloured.
    let packages: [String]
    /// The file of each name; empty if unknown.
    let files: [String]
    private let maxBytes: Int

    struct Box: Sendable {
        /// Row of `names`; nil for what was cut away below the parent.
        let name: Int?
        /// 0 for the root.
        let depth: Int
        let flat: Int64
        let cum: Int64
        /// The width.
        let mass: Int64
        /// Number of frames that were cut away and stand together in this box.
        let cutCount: Int
    }

    /// Shows at most `options.maxNodes` frames and a box for each place where some were cut.
    ///
    /// - Throws: `unknownSampleIndex`; `badFilter` where a regular expression takes too long; `tooLarge`.
    public init(_ profile: ValidatedProfile, _ options: ReportOptions = ReportOptions()) throws(ReportError) {
        let source = try ReportSource(profile, options)
        let tree = try CallTree(source)
        valueType = source.valueType
        total = source.total
        header = ReportHeader.profileLines(source, unit: "auto")
        isDifference = tree.isDifference
        maxBytes = options.maxBytes
        let names = source.frames.printableNames()
        boxes = FlameLayout(tree, names: names, maxNodes: max(options.maxNodes, 1)).boxes
        self.names = names
        packages = source.frames.frames.indices.map { row in
            let frame = source.frames.frames[row]
            return FramePackage.of(
                name: source.frames.texts[frame.name], file: source.frames.texts[source.frames.places[row].file])
        }
        files = source.frames.places.map { source.frames.texts[$0.file] }
    }

    /// - Throws: `tooLarge`.
    func checked(_ text: String) throws(ReportError) -> String {
        guard text.utf8.count <= maxBytes else {
            throw ReportError(.tooLarge, "the flame graph has \(text.utf8.count) bytes; the limit is \(maxBytes)")
        }
        return text
    }
}
