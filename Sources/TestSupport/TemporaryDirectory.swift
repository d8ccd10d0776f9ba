public import Foundation

/// A directory of its own under the system's temporary directory; removed by ``remove()``, or with the last reference to it.
public final class TemporaryDirectory: Sendable {
    /// Where it is.
    public let url: URL

    /// Where it is, as text.
    public var path: String { url.path }

    /// Makes it.
    ///
    /// - Parameter purpose: a word for its name, for whoever finds it left behind.
    public init(_ purpose: String) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "profefe-\(purpose)-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { remove() }

    /// The path of a file in it.
    public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes by renaming, as operators' tools do: readers never see half a file.
    public func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: url.appendingPathComponent(name), options: .atomic)
    }

    /// Removes it with all that is in it.
    public func remove() { try? FileManager.default.removeItem(at: url) }
}
