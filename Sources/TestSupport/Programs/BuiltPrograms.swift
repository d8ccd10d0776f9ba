public import Foundation

/// The programs of this package, as the build that made the running tests left them.
public enum BuiltPrograms {
    /// The directory of the running test program; the build puts all programs there.
    public static var directory: URL {
        URL(
            fileURLWithPath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
                ?? CommandLine.arguments[0]
        )
        .deletingLastPathComponent()
    }

    /// The program of that name, or a ``Trouble`` that says how to build it.
    public static func url(_ name: String) throws -> URL {
        let candidates = [directory, URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
            .map { $0.appendingPathComponent(name) }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw Trouble("\(name) is not built: expected at \(candidates[0].path); run  swift build --product \(name)")
        }
        return found
    }

    /// The root of the checkout: certs/, manifests/ and the fixtures of other tests are taken from there.
    public static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}
