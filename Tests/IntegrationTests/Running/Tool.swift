import Foundation
import Testing

/// A program of the system that judges ours from outside.
struct Tool: Sendable {
    let name: String
    /// Where it is; nil if it is not on the PATH.
    let url: URL?

    init(_ name: String) {
        self.name = name
        url = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    static let kubectl = Tool("kubectl")
    static let curl = Tool("curl")
    static let nghttp = Tool("nghttp")
    static let openssl = Tool("openssl")
    static let sh = Tool("sh")

    /// Whether it can be run here: for `.enabled(if:)`.
    var isPresent: Bool { url != nil }
    /// What a skipped test says.
    var absence: Comment { "\(name) is not on the PATH: skipped" }

    /// The place, or an error that names the tool.
    func require() throws -> URL {
        guard let url else { throw Trouble("\(name) is not on the PATH") }
        return url
    }
}

/// Why a fixture could not do what a test needs.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
