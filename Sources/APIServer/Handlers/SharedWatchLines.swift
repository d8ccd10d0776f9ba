internal import APIMachinery
internal import NIOCore
internal import Synchronization

/// The lines of a resource's newest changes, each encoded once for all watches that are told it in the same form.
///
/// Watches send the same bytes: a slow one holds a reference to a line, not a copy.
final class SharedWatchLines: Sendable {
    private struct Line {
        let version: ResourceVersion
        let type: WatchEventEncoder.EventType
        let form: Int
        let bytes: ByteBuffer
    }

    /// So many lines are kept, each in the place that the version says.
    private static let count: UInt64 = 256
    /// Bytes of the longest line that is kept.
    private static let longest = 16 << 10

    private let lines = Mutex([Line?](repeating: nil, count: Int(count)))

    /// None yet.
    init() {}

    /// The line of a change, in a form that its number stands for; `encode` makes it. No two changes have the same version.
    func line(
        _ type: WatchEventEncoder.EventType, _ version: ResourceVersion, form: Int, _ encode: (inout [UInt8]) -> Void
    ) -> ByteBuffer {
        let place = Int(version.rawValue % Self.count)
        if let line = lines.withLock({ $0[place] }), line.version == version, line.type == type, line.form == form {
            return line.bytes
        }
        var bytes: [UInt8] = []
        encode(&bytes)
        let line = Line(version: version, type: type, form: form, bytes: ByteBuffer(bytes: bytes))
        if bytes.count <= Self.longest { lines.withLock { $0[place] = line } }
        return line.bytes
    }
}
