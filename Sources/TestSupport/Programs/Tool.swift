public import Foundation

/// A program that a test runs: an outside judge on the PATH, or one that the test has built.
public struct Tool: Sendable {
    /// What it is called.
    public let name: String
    /// Where it is; nil if it is not on the PATH.
    public let url: URL?

    /// The program of that name on the PATH, if there is one.
    public init(_ name: String) {
        self.name = name
        url = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { URL(fileURLWithPath: String($0)).appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// The program in that file.
    public init(at url: URL) {
        name = url.lastPathComponent
        self.url = url
    }

    /// The Kubernetes client.
    public static let kubectl = Tool("kubectl")
    /// An HTTP client.
    public static let curl = Tool("curl")
    /// An HTTP/2 client that prints frames.
    public static let nghttp = Tool("nghttp")
    /// An HTTP load generator.
    public static let h2load = Tool("h2load")
    /// TLS by hand.
    public static let openssl = Tool("openssl")
    /// Go's compiler and its tools.
    public static let go = Tool("go")
    /// A shell.
    public static let sh = Tool("sh")

    /// Whether it can be run here: for `.enabled(if:)`.
    public var isPresent: Bool { url != nil }

    /// Where it is, or a ``Trouble`` that names it.
    public func require() throws -> URL {
        guard let url else { throw Trouble("\(name) is not on the PATH") }
        return url
    }

    /// Runs it to its end. It is killed when `limit` is over, and a ``Trouble`` says what it printed.
    ///
    /// - Parameters:
    ///   - environment: goes over that of the tests.
    ///   - directory: where it runs; that of the tests if nil.
    public func run(
        _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil,
        input: RunningProgram.Input = .nothing, within limit: Duration = .seconds(60)
    ) async throws -> ProgramOutput {
        try await start(arguments, environment: environment, directory: directory, input: input).output(within: limit)
    }

    /// Starts it; the test goes on beside it. As for ``run(_:environment:directory:input:within:)``.
    public func start(
        _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil,
        input: RunningProgram.Input = .nothing
    ) throws -> RunningProgram {
        try RunningProgram(
            try require(), arguments, environment: environment, directory: directory, input: input)
    }
}
