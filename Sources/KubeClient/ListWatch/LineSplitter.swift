import NIOCore

/// Cuts the body of a watch into its lines, however it is split into pieces.
///
/// A line ends with LF; empty lines are left out. Bytes after the last LF are not a line: a watch that ends there was cut off.
struct LineSplitter {
    private let limit: Int
    private var partial: [UInt8] = []

    /// - Parameter limit: the most bytes of a line.
    init(limit: Int) { self.limit = limit }

    /// Whether the next piece continues a line.
    var isInsideLine: Bool { !partial.isEmpty }

    /// The lines that `piece` completes.
    ///
    /// - Throws: `.badAnswer` once a line is over the limit.
    mutating func lines(_ piece: ByteBuffer) throws(KubeClientError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = piece.readableBytesView[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            try append(rest[..<end])
            rest = rest[(end + 1)...]
            if !partial.isEmpty { lines.append(partial) }
            partial = []
        }
        try append(rest)
        return lines
    }

    private mutating func append(_ bytes: ByteBufferView.SubSequence) throws(KubeClientError) {
        guard bytes.count <= limit - partial.count else {
            throw KubeClientError(.badAnswer, "an event of the watch is larger than \(limit) bytes")
        }
        partial += bytes
    }
}
